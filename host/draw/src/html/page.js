"use strict";
(() => {
  const { shapes, arrows } = JSON.parse(document.getElementById("data").textContent);
  const stage = document.getElementById("stage");
  const svg = stage.querySelector("svg");
  const search = document.getElementById("search");
  const found = document.getElementById("found");
  const details = document.getElementById("details");
  const boxes = [...svg.querySelectorAll(".shape")];
  // Arrows of boxes with the same neighbours are drawn as one line.
  const lines = [...svg.querySelectorAll(".arrow")]
    .map((line, number) => ({ line, count: svg.querySelector(`.count[data-line="${number}"]`), ends: line.dataset.arrows.split(" ").map((number) => arrows[Number(number)]) }));
  const size = { width: svg.width.baseVal.value, height: svg.height.baseVal.value };
  const view = { x: 0, y: 0, scale: 1 };
  const READABLE = 0.8;
  const FAR = 0.75;
  const LARGEST_LABEL = 15;
  const LEAST_TEXT = 9;
  const STEP = 80;
  const hidden = new Set();
  let selected = null;
  let lastHit = -1;

  // From afar a box shows its name alone, as large as fits into it.
  const labels = boxes.map((box) => {
    const [rect, text] = [box.querySelector("rect"), box.querySelector("text")];
    const of = (name) => Number(rect.getAttribute(name));
    const width = text.getComputedTextLength() / 12;
    const largest = Math.min(LARGEST_LABEL, of("height") * 0.6, width > 0 ? (of("width") - 10) / width : LARGEST_LABEL);
    const near = { size: "12", y: text.getAttribute("y") };
    const far = { size: String(Math.max(12, largest)), y: String(of("y") + of("height") / 2 + Math.max(12, largest) * 0.35) };
    return { text, near, far, least: Math.max(12, largest) };
  });
  let isFar = false;

  const show = () => {
    svg.style.transform = `translate(${view.x}px, ${view.y}px) scale(${view.scale})`;
    if (isFar === view.scale < FAR) return;
    isFar = view.scale < FAR;
    svg.classList.toggle("far", isFar);
    for (const { text, near, far } of labels) {
      text.setAttribute("font-size", (isFar ? far : near).size);
      text.setAttribute("y", (isFar ? far : near).y);
    }
  };

  const move = (x, y) => { view.x += x; view.y += y; show(); };

  // The point that stays where it is, in the window.
  const zoom = (factor, x, y) => {
    const place = stage.getBoundingClientRect();
    const scale = Math.min(8, Math.max(0.02, view.scale * factor));
    view.x = x - place.left - (x - place.left - view.x) * (scale / view.scale);
    view.y = y - place.top - (y - place.top - view.y) * (scale / view.scale);
    view.scale = scale;
    show();
  };

  const zoomMiddle = (factor) => {
    const place = stage.getBoundingClientRect();
    zoom(factor, place.left + place.width / 2, place.top + place.height / 2);
  };

  const fit = () => {
    const room = { width: stage.clientWidth, height: stage.clientHeight };
    view.scale = Math.min(1.25, room.width / size.width, room.height / size.height);
    view.x = Math.max(0, (room.width - size.width * view.scale) / 2);
    view.y = Math.max(0, (room.height - size.height * view.scale) / 2);
    show();
  };

  const centre = (number) => {
    const box = boxes[number].getBoundingClientRect();
    const place = stage.getBoundingClientRect();
    // The details cover the right part of the stage, where there is room beside them.
    const covered = details.hidden || place.width < 800 ? 0 : details.offsetWidth + 20;
    move(place.left + (place.width - covered) / 2 - (box.left + box.right) / 2,
      place.top + place.height / 2 - (box.top + box.bottom) / 2);
  };

  // At a size at which it can be read.
  const focus = (number) => {
    if (view.scale < READABLE) zoomMiddle(READABLE / view.scale);
    centre(number);
  };

  // The larger picture covers the whole stage.
  const cover = () => {
    const covered = (at, length, room) => length <= room ? (room - length) / 2 : Math.min(0, Math.max(room - length, at));
    view.x = covered(view.x, size.width * view.scale, stage.clientWidth);
    view.y = covered(view.y, size.height * view.scale, stage.clientHeight);
    show();
  };

  const isHidden = (element) => [...hidden].some((name) => element.classList.contains(name));

  // What stays bright: hits of the search, or what is selected with its neighbours; without either, everything.
  const paint = () => {
    const wanted = search.value.trim().toLowerCase();
    const hits = new Set();
    if (wanted) {
      shapes.forEach((shape, number) => {
        const text = `${shape.id}\n${shape.label}\n${shape.place}\n${shape.kind}`.toLowerCase();
        if (text.includes(wanted)) hits.add(number);
      });
      found.textContent = hits.size === 1 ? "1 box" : `${hits.size} boxes`;
    } else {
      found.textContent = "";
    }
    const near = new Set(selected === null ? [] : [selected]);
    arrows.forEach((arrow) => {
      if (arrow.source === selected) near.add(arrow.target);
      if (arrow.target === selected) near.add(arrow.source);
    });
    boxes.forEach((box, number) => {
      const bright = (!wanted || hits.has(number)) && (selected === null || near.has(number));
      box.classList.toggle("hit", hits.has(number));
      box.classList.toggle("selected", number === selected);
      box.classList.toggle("dimmed", !bright && !(number === selected));
      box.classList.toggle("hidden", isHidden(box));
    });
    lines.forEach(({ line, count, ends }) => {
      const touches = ends.some(({ source, target }) => source === selected || target === selected);
      const between = !wanted || ends.some(({ source, target }) => hits.has(source) || hits.has(target));
      const leadsNowhere = ends.every(({ source, target }) => isHidden(boxes[source]) || isHidden(boxes[target]));
      for (const part of [line, count].filter(Boolean)) {
        part.classList.toggle("dimmed", selected === null ? !between : !touches);
        part.classList.toggle("hidden", isHidden(line) || leadsNowhere);
      }
    });
    return hits;
  };

  const add = (parent, name, text, className) => {
    const element = document.createElement(name);
    if (text !== undefined) element.textContent = text;
    if (className) element.className = className;
    parent.append(element);
    return element;
  };

  const neighbours = (title, ends) => {
    if (ends.length === 0) return;
    add(details, "h3", `${title} (${ends.length})`);
    const list = add(details, "ul");
    for (const { arrow, other } of ends) {
      const item = add(list, "li", `${arrow.kind} `);
      const link = add(item, "button", shapes[other].label, "link");
      link.title = shapes[other].id;
      link.addEventListener("click", () => { select(other); centre(other); });
      const notes = [];
      if (arrow.count > 1) notes.push(`${arrow.count.toLocaleString("en")} times`);
      if (arrow.certainty !== "certain") notes.push(arrow.certainty);
      if (notes.length) item.append(` (${notes.join(", ")})`);
    }
  };

  const select = (number) => {
    selected = number;
    details.replaceChildren();
    details.hidden = number === null;
    details.scrollTop = 0;
    if (number !== null) {
      const shape = shapes[number];
      add(details, "h2", shape.label);
      const close = add(details, "button", "×", "close");
      close.setAttribute("aria-label", "Close");
      close.title = "Close (Escape)";
      close.addEventListener("click", () => select(null));
      const facts = add(details, "dl");
      const rows = [["kind", shape.kind], ["place", shape.place], ["id", shape.id], ["note", shape.note], ...shape.details];
      for (const [name, value] of rows) {
        if (value) { add(facts, "dt", name); add(facts, "dd", value, name === "signature" ? "code" : ""); }
      }
      neighbours("To", arrows.filter((arrow) => arrow.source === number).map((arrow) => ({ arrow, other: arrow.target })));
      neighbours("From", arrows.filter((arrow) => arrow.target === number).map((arrow) => ({ arrow, other: arrow.source })));
    }
    paint();
  };

  stage.addEventListener("wheel", (event) => {
    if (details.contains(event.target)) return;
    event.preventDefault();
    zoom(Math.exp(-event.deltaY * 0.0015), event.clientX, event.clientY);
  }, { passive: false });

  // One finger or the mouse moves, two fingers make larger and smaller.
  const pointers = new Map();
  let moved = 0;
  stage.addEventListener("pointerdown", (event) => {
    if (details.contains(event.target)) return;
    pointers.set(event.pointerId, event);
    moved = 0;
  });
  window.addEventListener("pointermove", (event) => {
    const last = pointers.get(event.pointerId);
    if (!last) return;
    if (pointers.size === 1) {
      moved += Math.abs(event.clientX - last.clientX) + Math.abs(event.clientY - last.clientY);
      if (moved > 4) stage.classList.add("moving");
      move(event.clientX - last.clientX, event.clientY - last.clientY);
    } else if (pointers.size === 2) {
      const [other] = [...pointers.values()].filter((one) => one.pointerId !== event.pointerId);
      const distance = (one) => Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);
      zoom(distance(event) / Math.max(1, distance(last)), (event.clientX + other.clientX) / 2, (event.clientY + other.clientY) / 2);
      moved += 5;
    }
    pointers.set(event.pointerId, event);
  });
  const released = (event) => {
    pointers.delete(event.pointerId);
    stage.classList.remove("moving");
  };
  window.addEventListener("pointerup", released);
  window.addEventListener("pointercancel", released);
  stage.addEventListener("click", (event) => {
    if (moved > 4) return;
    const box = event.target.closest(".shape");
    select(box ? Number(box.dataset.shape) : null);
  });

  // A click on a neighbour replaces what was clicked, so that the stage could not tell where it was.
  details.addEventListener("click", (event) => event.stopPropagation());

  // The lines of what the pointer is at stand out.
  const point = (number) => lines.forEach(({ line, ends }) =>
    line.classList.toggle("near", number !== null && ends.some(({ source, target }) => source === number || target === number)));

  boxes.forEach((box, number) => {
    box.addEventListener("pointerenter", () => point(number));
    box.addEventListener("pointerleave", () => point(null));
    box.setAttribute("tabindex", "0");
    box.setAttribute("role", "button");
    box.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") { event.preventDefault(); select(number); }
    });
    // The browser would scroll the stage to what is focused and shift everything for good.
    box.addEventListener("focus", () => {
      stage.scrollTo(0, 0);
      const [one, all] = [box.getBoundingClientRect(), stage.getBoundingClientRect()];
      if (one.left < all.left || one.right > all.right || one.top < all.top || one.bottom > all.bottom) centre(number);
    });
  });

  for (const button of document.querySelectorAll("#legend button")) {
    button.addEventListener("click", () => {
      const name = button.dataset.class;
      if (!hidden.delete(name)) hidden.add(name);
      button.setAttribute("aria-pressed", String(!hidden.has(name)));
      paint();
    });
  }

  search.addEventListener("input", () => { lastHit = -1; paint(); });
  search.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    const hits = [...paint()];
    if (hits.length === 0) return;
    lastHit = (lastHit + 1) % hits.length;
    focus(hits[lastHit]);
  });
  document.getElementById("in").addEventListener("click", () => zoomMiddle(1.3));
  document.getElementById("out").addEventListener("click", () => zoomMiddle(1 / 1.3));
  document.getElementById("fit").addEventListener("click", fit);
  const steps = { ArrowLeft: [STEP, 0], ArrowRight: [-STEP, 0], ArrowUp: [0, STEP], ArrowDown: [0, -STEP] };
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { search.value = ""; select(null); }
    if (event.target === search || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "+" || event.key === "=") zoomMiddle(1.3);
    if (event.key === "-") zoomMiddle(1 / 1.3);
    if (event.key === "0") fit();
    if (event.key === "/") { event.preventDefault(); search.focus(); }
    if (steps[event.key] && !details.contains(event.target)) { event.preventDefault(); move(...steps[event.key]); }
  });

  // Until somebody moves it, it keeps to the window.
  let isTouched = false;
  // Where it is not about a box it is about the one with the most arrows.
  const middle = () => {
    const centre = shapes.findIndex((shape) => shape.is_centre);
    if (centre >= 0) return centre;
    const counts = shapes.map(() => 0);
    for (const { ends } of lines) {
      for (const { source, target } of ends) { counts[source] += 1; counts[target] += 1; }
    }
    return Math.max(0, counts.indexOf(Math.max(...counts)));
  };
  const begin = () => {
    fit();
    const least = labels.reduce((least, { least: label }) => Math.min(least, isFar ? label : 12), LARGEST_LABEL);
    // What cannot be read as a whole begins at what it is about.
    if (shapes.length > 0 && least * view.scale < LEAST_TEXT) { focus(middle()); cover(); }
  };
  for (const kind of ["wheel", "pointerdown", "keydown"]) {
    document.addEventListener(kind, () => { isTouched = true; }, { capture: true });
  }
  window.addEventListener("resize", () => { if (!isTouched) begin(); });

  begin();
  const asked = new URLSearchParams(location.hash.slice(1));
  if (asked.get("search")) search.value = asked.get("search");
  const number = shapes.findIndex((shape) => shape.id === asked.get("select"));
  select(number < 0 ? null : number);
  const [hit] = paint();
  if (number >= 0) focus(number);
  else if (hit !== undefined) focus(hit);
  isTouched = number >= 0 || hit !== undefined;
})();
