// Bundles the two small websites into dist/: web (supertokens-web-js) and react (supertokens-auth-react).
import { copyFile, mkdir } from "node:fs/promises";
import { build } from "esbuild";

const websites = { web: "app/web.js", react: "app/react.jsx" };

for (const [name, entry] of Object.entries(websites)) {
    await mkdir(`dist/${name}`, { recursive: true });
    await copyFile("app/index.html", `dist/${name}/index.html`);
    await build({
        entryPoints: [entry],
        outfile: `dist/${name}/app.js`,
        bundle: true,
        format: "iife",
        jsx: "automatic",
        target: "es2022",
        define: { "process.env.NODE_ENV": '"production"', global: "window" },
        logLevel: "warning",
    });
}
