// The daemon's events, for as long as somebody looks. A page that is hidden
// asks for nothing. What is late by 5 s is taken for gone; then it tries again,
// at first soon and never later than every 8 s.
import {backoff} from "./shape.js";

const LATE_MS = 5000;

// told: {state(name, detail), event(name, data)}; states are waiting, live,
// gone (detail: seconds to the next try) and locked (a token is needed).
export class Live {
  #source = null;
  #watch = 0;
  #again = 0;
  #tries = 0;

  constructor(told) {
    this.told = told;
    document.addEventListener("visibilitychange", () => this.look());
    addEventListener("online", () => this.look());
    this.look();
  }

  look() {
    this.#close();
    this.#tries = 0;
    if (document.visibilityState === "visible")
      this.#open();
  }

  #close() {
    this.#source?.close();
    this.#source = null;
    clearTimeout(this.#watch);
    clearInterval(this.#again);
  }

  #open() {
    this.#source = new EventSource("/api/events");
    for (const name of ["tick", "drift", "novelty", "anomaly", "snapshot"])
      this.#source.addEventListener(name, e => this.#heard(name, e.data));
    this.#source.onerror = () => this.#lost();
    this.#expect();
  }

  #expect() {
    clearTimeout(this.#watch);
    this.#watch = setTimeout(() => this.#lost(), LATE_MS);
  }

  #heard(name, text) {
    this.#expect();
    this.#tries = 0;
    this.told.state("live");
    this.told.event(name, JSON.parse(text));
  }

  #lost() {
    this.#close();
    let left = Math.ceil(backoff(this.#tries++) / 1000);
    this.told.state("gone", left);
    this.#again = setInterval(() => {
      left--;
      this.told.state("gone", left);
      if (left > 0)
        return;
      clearInterval(this.#again);
      this.#open();
    }, 1000);
  }
}

// JSON of a path, or null when it cannot be had now.
export async function get(path) {
  try {
    const answer = await fetch(path, {headers: {Accept: "application/json"}});
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}
