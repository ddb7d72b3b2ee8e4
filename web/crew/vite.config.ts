import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const server = "http://127.0.0.1:8000";

export default defineConfig({
  root: import.meta.dirname,
  base: "/crew/",
  plugins: [react(), tailwindcss()],
  // No inlined data: URLs: worklets and fonts come from the server, so that its content policy can stay strict.
  build: { assetsInlineLimit: 0, target: "es2023" },
  server: { proxy: { "/v1": server } },
});
