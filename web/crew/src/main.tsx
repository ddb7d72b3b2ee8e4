import "./styles.css";

import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { App } from "./app.tsx";

if (import.meta.env.PROD && "serviceWorker" in navigator) {
  // Without it the page works just the same, only not from an empty start in a dead spot.
  void navigator.serviceWorker.register("/crew/sw.js").catch(() => undefined);
}
const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
