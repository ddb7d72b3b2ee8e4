import { defineConfig } from "vitest/config";

export default defineConfig({ test: { include: ["sdk/test/**/*.test.ts", "operator/test/**/*.test.ts", "caller/test/**/*.test.ts", "crew/test/**/*.test.ts"], testTimeout: 20_000 } });
