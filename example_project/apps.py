from django.apps import AppConfig


class ExampleProjectConfig(AppConfig):
    name = "example_project"
