"use strict";
// Takes over each new state of the page: its head and its main part are exchanged,
// and who reads on stays where they are.
const events = new EventSource("events");
const title = document.title;
let busy = false;
let again = false;

async function update() {
  if (busy) {
    again = true;
    return;
  }
  busy = true;
  try {
    const answer = await fetch("./", {cache: "no-store"});
    if (!answer.ok) return;
    const next = new DOMParser().parseFromString(await answer.text(), "text/html");
    const focus = document.activeElement && document.activeElement.id;
    for (const part of ["header", "main"]) {
      document.querySelector(part).replaceWith(next.querySelector(part));
    }
    if (focus) document.getElementById(focus)?.focus({preventScroll: true});
  } finally {
    busy = false;
    if (again) {
      again = false;
      update();
    }
  }
}

let first = true;
events.onmessage = () => {
  document.title = title;
  if (!first) update();
  first = false;
};
events.onerror = () => {
  document.title = "(not connected) " + title;
  first = false;
};
