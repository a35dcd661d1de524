"use strict";
(() => {
  const { shapes, arrows } = JSON.parse(document.getElementById("data").textContent);
  const stage = document.getElementById("stage");
  const svg = stage.querySelector("svg");
  const search = document.getElementById("search");
  const found = document.getElementById("found");
  const details = document.getElementById("details");
  const boxes = [...svg.querySelectorAll(".shape")];
  const lines = [...svg.querySelectorAll(".arrow")];
  const size = { width: svg.width.baseVal.value, height: svg.height.baseVal.value };
  const view = { x: 0, y: 0, scale: 1 };
  const READABLE = 0.8;
  let selected = null;

  const show = () => {
    svg.style.transform = `translate(${view.x}px, ${view.y}px) scale(${view.scale})`;
  };

  const zoom = (factor, x, y) => {
    const scale = Math.min(8, Math.max(0.02, view.scale * factor));
    view.x = x - (x - view.x) * (scale / view.scale);
    view.y = y - (y - view.y) * (scale / view.scale);
    view.scale = scale;
    show();
  };

  const zoomMiddle = (factor) => zoom(factor, stage.clientWidth / 2, stage.clientHeight / 2);

  const fit = () => {
    const room = { width: stage.clientWidth, height: stage.clientHeight - 56 };
    view.scale = Math.min(1, room.width / size.width, room.height / size.height);
    view.x = Math.max(0, (room.width - size.width * view.scale) / 2);
    view.y = 56 + Math.max(0, (room.height - size.height * view.scale) / 2);
    show();
  };

  const centre = (number) => {
    const box = boxes[number].getBoundingClientRect();
    view.x += stage.clientWidth / 2 - (box.left + box.right) / 2;
    view.y += stage.clientHeight / 2 - (box.top + box.bottom) / 2;
    show();
  };

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
    });
    lines.forEach((line, number) => {
      const { source, target } = arrows[number];
      const touches = source === selected || target === selected;
      const between = !wanted || hits.has(source) || hits.has(target);
      line.classList.toggle("dimmed", selected === null ? !between : !touches);
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
      if (arrow.count > 1) notes.push(`${arrow.count} times`);
      if (arrow.certainty !== "certain") notes.push(arrow.certainty);
      if (notes.length) item.append(` (${notes.join(", ")})`);
    }
  };

  const select = (number) => {
    selected = number;
    details.replaceChildren();
    details.hidden = number === null;
    if (number !== null) {
      const shape = shapes[number];
      add(details, "h2", shape.label);
      const close = add(details, "button", "×", "close");
      close.setAttribute("aria-label", "Close");
      close.addEventListener("click", () => select(null));
      const facts = add(details, "dl");
      const rows = [["kind", shape.kind], ["place", shape.place], ["id", shape.id], ...shape.details];
      for (const [name, value] of rows) {
        if (value) { add(facts, "dt", name); add(facts, "dd", value); }
      }
      neighbours("To", arrows.filter((arrow) => arrow.source === number).map((arrow) => ({ arrow, other: arrow.target })));
      neighbours("From", arrows.filter((arrow) => arrow.target === number).map((arrow) => ({ arrow, other: arrow.source })));
    }
    paint();
  };

  stage.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoom(Math.exp(-event.deltaY * 0.0015), event.clientX, event.clientY);
  }, { passive: false });

  // One finger or the mouse moves, two fingers make larger and smaller.
  const pointers = new Map();
  let moved = 0;
  stage.addEventListener("pointerdown", (event) => {
    pointers.set(event.pointerId, event);
    moved = 0;
  });
  window.addEventListener("pointermove", (event) => {
    const last = pointers.get(event.pointerId);
    if (!last) return;
    if (pointers.size === 1) {
      view.x += event.clientX - last.clientX;
      view.y += event.clientY - last.clientY;
      moved += Math.abs(event.clientX - last.clientX) + Math.abs(event.clientY - last.clientY);
      if (moved > 4) stage.classList.add("moving");
      show();
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

  boxes.forEach((box, number) => {
    box.setAttribute("tabindex", "0");
    box.setAttribute("role", "button");
    box.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") { event.preventDefault(); select(number); }
    });
  });

  search.addEventListener("input", paint);
  search.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    const [first] = paint();
    if (first !== undefined) focus(first);
  });
  document.getElementById("in").addEventListener("click", () => zoomMiddle(1.3));
  document.getElementById("out").addEventListener("click", () => zoomMiddle(1 / 1.3));
  document.getElementById("fit").addEventListener("click", fit);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { search.value = ""; select(null); }
    if (event.target === search || event.ctrlKey || event.metaKey) return;
    if (event.key === "+" || event.key === "=") zoomMiddle(1.3);
    if (event.key === "-") zoomMiddle(1 / 1.3);
    if (event.key === "0") fit();
    if (event.key === "/") { event.preventDefault(); search.focus(); }
  });

  // At a size at which it can be read.
  const focus = (number) => {
    if (view.scale < READABLE) zoomMiddle(READABLE / view.scale);
    centre(number);
  };

  fit();
  const middle = shapes.findIndex((shape) => shape.is_centre);
  // A large picture begins where it is about something, and not as a stripe.
  if (view.scale < READABLE / 2 && shapes.length > 0) focus(Math.max(0, middle));
  const asked = new URLSearchParams(location.hash.slice(1));
  if (asked.get("search")) search.value = asked.get("search");
  const number = shapes.findIndex((shape) => shape.id === asked.get("select"));
  select(number < 0 ? null : number);
  const [hit] = paint();
  if (number >= 0) focus(number);
  else if (hit !== undefined) focus(hit);
})();
