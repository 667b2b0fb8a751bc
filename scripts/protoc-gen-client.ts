#!/usr/bin/env node
// The plugin that buf.gen.yaml names. All it does is in core/client-plugin.ts.
import { readFileSync, writeFileSync } from "node:fs";
import { runClientPlugin } from "./core/client-plugin.ts";

const [STDIN, STDOUT] = [0, 1];
writeFileSync(STDOUT, runClientPlugin(readFileSync(STDIN)));
