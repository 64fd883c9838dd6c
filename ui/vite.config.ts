// SPDX-License-Identifier: Apache-2.0
import { defineConfig } from "vitest/config";

// The daemon answers with a policy that allows no inline code, so nothing may be inlined here.
export default defineConfig({
  base: "./",
  esbuild: { jsx: "automatic", jsxImportSource: "preact" },
  build: {
    target: ["es2022", "chrome111", "firefox115", "safari16.4"],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    cssCodeSplit: false,
    reportCompressedSize: false,
  },
  server: { proxy: { "/api": { target: "http://127.0.0.1:8417" } } },
  test: { environment: "node", include: ["test/*.test.ts", "test/*.test.tsx"] },
});
