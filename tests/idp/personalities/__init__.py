"""The ways of real providers, as their documentation tells them: one small file each."""
