// SPDX-License-Identifier: Apache-2.0
import { render } from "preact";
import "./style/tokens.css";
import "./style/base.css";
import "./style/parts.css";
import { App } from "./app";
import { startKeys } from "./keys";
import { startClock } from "./state/clock";
import { startPrefs } from "./state/prefs";
import { startRouter } from "./state/route";
import { startSession } from "./state/session";
import { startSightings } from "./state/sightings";

startPrefs();
startClock();
startRouter();
startSightings();
startSession();
startKeys();

const root = document.getElementById("app");
if (root) render(<App />, root);
