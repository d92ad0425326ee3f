(() => { // lists what is cut, runs out of the window or lies over other text
  const problems = [], width = document.documentElement.clientWidth;
  const say = (what, e, text) => problems.length < 20 && problems.push(`${what}: <${e.tagName.toLowerCase()} class="${e.getAttribute("class") || ""}"> ${JSON.stringify(text.trim().slice(0, 60))}`);
  if (document.documentElement.scrollWidth > width) problems.push(`the page is ${document.documentElement.scrollWidth} wide in a window of ${width}`);
  const boxes = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let n = walk.nextNode(); n; n = walk.nextNode()) {
    const e = n.parentElement, range = document.createRange();
    if (!n.data.trim() || e.tagName === "TITLE" || !e.checkVisibility()) continue;
    range.selectNodeContents(n);
    for (const r of range.getClientRects()) {
      if (r.width < 1 || r.right < 0) continue; // what stands aside for screen readers
      if (r.left < -1 || r.right > width + 1) say("runs out of the window", e, n.data);
      boxes.push({e, n, left: r.left, right: r.right, top: r.top + scrollY, bottom: r.bottom + scrollY});
    }
    for (let p = e; p; p = p.parentElement) {
      if (getComputedStyle(p).overflowX !== "visible" && p.scrollWidth > p.clientWidth + 1 && p !== document.documentElement) { say("is cut", p, n.data); break; }
    }
  }
  boxes.sort((a, b) => a.top - b.top);
  for (let i = 0; i < boxes.length; i++) {
    const a = boxes[i];
    for (let j = i + 1; j < boxes.length && boxes[j].top < a.bottom - 4; j++) {
      const b = boxes[j];
      if (a.n !== b.n && a.left < b.right - 2 && b.left < a.right - 2 && a.top < b.bottom - 4) say("lies over " + JSON.stringify(a.n.data.trim().slice(0, 40)), b.e, b.n.data);
    }
  }
  return problems;
})()
