"use strict";
// Steps through the schedules of the page. All words come from the page itself, all numbers from the
// record in it; nothing is loaded, and text is only ever set as text.
(() => {
  const find = (selector, from = document) => from.querySelector(selector);
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const make = (tag, text = "", name = "") => {
    const made = document.createElement(tag);
    made.textContent = text;
    if (name) made.className = name;
    return made;
  };

  const record = JSON.parse(find("#record").textContent);
  const { runs, jobs, unit } = record;
  const NEW = 0, READY = 2, RUNNING = 3, BLOCKED = 4, TERMINATED = 5, KILLED = 7;
  const isBlocked = (state) => record.states[state].startsWith("blocked"), isOver = (state) => state === TERMINATED || state === KILLED;
  const FIELDS = 7; // step, state, cpu, begin, used, waited, ended
  const MOST_JOBS = 40, MANY = 12;

  // Times are whole ticks, and are shown with all their digits.
  const scale = BigInt(record.scale), tick = BigInt(record.tick);
  const digits = String(record.scale).length - 1;
  const show = (ticks) => {
    const whole = BigInt(ticks) * tick;
    const rest = String(whole % scale).padStart(digits, "0").replace(/0+$/, "");
    return `${whole / scale}${rest ? `.${rest}` : ""}`;
  };

  const scroll = find(".scroll"), stack = find(".stack"), panel = find("#panel");
  const cursor = find(".cursor"), band = find(".cursor i"), tip = find("#tip");
  const slider = find(".slider"), zoomer = find(".zoom select");
  const policies = all(".policy");
  const said = policies.map((each) => [...find(".log tbody", each).rows]);
  const column = record.cpus > 1 ? 2 : 1; // of the job, in a list of steps
  // Looked for once: the page has tens of thousands of elements.
  const instants = all(".instant").map((each) => [each, Boolean(each.closest(".clock"))]);
  const counter = find(".count"), nows = policies.map((each) => find(".now", each));
  const buttons = Object.fromEntries(["first", "back", "next", "last"].map((name) => [name, find(`[data-go=${name}]`)]));
  const parts = Object.fromEntries(["said", "cpus", "queue", "anew", "counts"].map((name) => [name, find(`.${name}`, panel)]));
  const tasks = find(".states tbody", panel);
  let followed = 0, step = 0, lane = -1, view = {};

  // A queue of 0 is as before; a step's lines begin where those before it end.
  runs.forEach((run) => {
    run.first = [0];
    run.lines.forEach((count, at) => run.first.push(run.first[at] + count));
    for (const list of [run.queues, run.standings ?? []]) {
      list.forEach((each, at) => { if (each === 0) list[at] = list[at - 1]; });
    }
  });

  // The greatest number below `end` for which `fits` holds, or -1; `fits` holds up to a point.
  const last = (end, fits) => {
    let low = -1, high = end;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (fits(middle)) low = middle; else high = middle;
    }
    return low;
  };
  const stepAt = (run, time) => last(run.times.length, (at) => run.times[at] <= time);

  // What a job is after a step: its change in force, and when the next one comes.
  function placeOf(run, job, at) {
    const changes = run.changes[job], count = changes.length / FIELDS;
    const number = last(count, (each) => changes[each * FIELDS] <= at);
    const next = (number + 1) * FIELDS;
    const until = number + 1 < count ? run.times[changes[next]] : run.end;
    if (number < 0) return { state: NEW, from: 0, until };
    const [from, state, cpu, begin, used, waited, how] = changes.slice(number * FIELDS, next);
    const ended = number + 1 < count ? changes[next + 6] : -1;
    return { state, cpu, begin, used, waited, how, ended, until, step: from, from: run.times[from] };
  }
  const usedAt = (place, time) => (place.used ?? 0) + (place.state === RUNNING ? Math.max(0, time - place.begin) : 0);
  const waitedAt = (place, time) => (place.waited ?? 0) + (place.state === READY ? time - place.begin : 0);

  // When a job is due, if it ever is, and what is known at an instant of whether it ended in time.
  function dueOf(run, job, place, now) {
    const due = record.dues[job] ?? -1;
    if (due < 0) return "";
    const kept = place.state === TERMINATED && place.how === record.done && place.from <= due;
    const missed = due <= now && run.missed.includes(job);
    return `${show(due)}${missed ? ", missed" : kept ? ", met" : ""}`;
  }

  // The line with the reason of the dispatch by which a job came to run at a step.
  function reasonOf(number, place, job) {
    const run = runs[number];
    return said[number].slice(run.first[place.step], run.first[place.step + 1])
      .find((row) => row.className === "d" && row.cells[column].textContent === jobs[job]);
  }

  function go(to) {
    const run = runs[followed];
    step = Math.max(0, Math.min(to, run.times.length - 1));
    const now = run.times[step] ?? 0, next = run.times[step + 1] ?? run.end;
    const clock = `${show(now)} ${unit}`, count = run.times.length ? `step ${step + 1} of ${run.times.length}` : "nothing happens";
    slider.value = step;
    slider.setAttribute("aria-valuetext", `${count}, time ${clock}`);
    instants.forEach(([each, timed]) => { each.textContent = timed ? `time ${clock}` : clock; });
    counter.textContent = count;
    for (const [name, off] of [["first", !step], ["back", !step], ["next", step + 1 >= run.times.length], ["last", step + 1 >= run.times.length]]) {
      buttons[name].setAttribute("aria-disabled", off);
    }
    band.style.left = `${100 * now / record.end}%`;
    band.style.width = `${100 * Math.max(0, next - now) / record.end}%`;
    const places = jobs.map((_, job) => placeOf(run, job, step));
    tellPlaces(run, places, now);
    tellSteps(run, places);
    if (runs.length > 1) runs.forEach((each, number) => tellNow(each, number, now));
    keepInView(now);
    if (lane >= 0) point();
  }

  // Everyone's place after the step: the CPUs, the queue, the jobs.
  function tellPlaces(run, places, now) {
    const on = Array(record.cpus).fill(-1), counts = record.states.map(() => 0);
    places.forEach((place, job) => {
      counts[isBlocked(place.state) ? BLOCKED : place.state] += 1;
      if (place.state === RUNNING) on[place.cpu] = job;
    });
    counts[NEW] += record.count - jobs.length;
    parts.cpus.replaceChildren(...on.map((job, cpu) => {
      const made = make("li", record.cpus > 1 ? `CPU ${cpu}: ` : "");
      if (job < 0) made.append("idle");
      else if (places[job].begin > now) made.append("switches to ", make("bdi", jobs[job]), `, which runs from ${show(places[job].begin)}`);
      else made.append(make("bdi", jobs[job]), ` runs since ${show(places[job].begin)}`);
      return made;
    }));
    const queue = run.queues[step] ?? [], standings = run.standings?.[step];
    const waiting = queue.map((job, at) => {
      const made = make("li");
      made.append(make("bdi", jobs[job]));
      if (standings && run.words[standings[at]]) made.append(make("small", run.words[standings[at]]));
      return made;
    });
    if (!waiting.length) waiting.push(make("li", "empty"));
    if (counts[READY] > queue.length) waiting.push(make("li", `and ${counts[READY] - queue.length} more`));
    parts.queue.replaceChildren(...waiting);
    parts.anew.hidden = !run.dynamic;
    parts.counts.textContent = record.states
      .map((name, state) => (counts[state] ? `${counts[state]} ${name}` : "")).filter(Boolean).join(", ");
    let shown = jobs.map((_, job) => job);
    if (shown.length > MOST_JOBS) shown = shown.filter((job) => places[job].state > NEW && !isOver(places[job].state));
    shown = shown.slice(0, MOST_JOBS);
    while (tasks.rows.length > shown.length) tasks.lastChild.remove();
    shown.forEach((job, at) => tellJob(tasks.rows[at] ?? tasks.appendChild(emptyRow()), run, places[job], job, now));
  }

  function emptyRow() {
    const made = make("tr"), name = make("th", "", "left");
    name.scope = "row";
    name.append(make("i"), make("bdi"));
    made.append(name, make("td", "", "left"), make("td"), make("td"), make("td"));
    if (record.dues.length) made.append(make("td", "", "left"));
    return made;
  }

  // Only what is another than before is written, so that only that is laid out anew.
  function tellJob(row, run, place, job, now) {
    const [name, ...cells] = row.cells;
    if (name.title !== jobs[job]) {
      name.title = name.lastChild.textContent = jobs[job];
      name.firstChild.className = `swatch ${record.looks[job]}`;
    }
    const state = place.state === RUNNING && record.cpus > 1 ? `running on CPU ${place.cpu}` : record.states[place.state];
    const since = place.state === NEW ? record.arrivals[job] < 0 ? "until it is spawned" : `until ${show(record.arrivals[job])}` : show(place.from);
    const total = record.totals[job], used = show(usedAt(place, now));
    const said = [state, since, total < 0 ? used : `${used} of ${show(total)}`, show(waitedAt(place, now)), dueOf(run, job, place, now)];
    cells.forEach((cell, at) => { if (cell.textContent !== said[at]) cell.textContent = said[at]; });
  }

  // What happens at the step, and why those run that were chosen before.
  function tellSteps(run, places) {
    const rows = said[followed].slice(run.first[step], run.first[step + 1]);
    const items = rows.map((row) => make("li", where(row) + words(row), row.className));
    const just = new Set(rows.filter((row) => row.className === "d").map((row) => row.cells[column].textContent));
    jobs.forEach((name, job) => {
      const place = places[job];
      const row = place.state === RUNNING && !just.has(name) && reasonOf(followed, place, job);
      if (row) items.push(make("li", `${name} runs since ${show(place.begin)}: ${words(row)}`, "force"));
    });
    parts.said.replaceChildren(...items);
  }
  const words = (row) => row.cells[column + 1].textContent.trim();
  const where = (row) => (record.cpus > 1 && row.className === "d" ? `CPU ${row.cells[1].textContent}: ` : "");

  // One line on a policy at an instant that another one's step names.
  function tellNow(run, number, now) {
    const at = stepAt(run, now), names = record.states.map(() => []);
    const queue = (run.queues[at] ?? []).slice(0, 12).map((job) => jobs[job]);
    jobs.forEach((name, job) => names[placeOf(run, job, at).state].push(name));
    const more = names[READY].length - queue.length;
    const parts = [`runs: ${names[RUNNING].join(", ") || "nobody"}`, `ready: ${queue.join(", ") || "nobody"}${more > 0 ? ` and ${more} more` : ""}`];
    const blocked = names.filter((_, state) => isBlocked(state)).flat();
    if (blocked.length) parts.push(`blocked: ${blocked.slice(0, 12).join(", ")}${blocked.length > 12 ? ", ..." : ""}`);
    const over = now >= run.end && !run.cut;
    nows[number].textContent = `${show(now)}: ${over ? run.stuck ? `nobody can go on; ${parts.at(-1)}` : "all is done" : parts.join("; ")}`;
  }

  function follow(number) {
    const now = runs[followed].times[step] ?? 0;
    followed = number;
    policies.forEach((each, at) => each.classList.toggle("followed", at === number && runs.length > 1));
    if (runs.length === 1) policies[0].classList.add("followed", "alone");
    const radio = find("input[type=radio]", policies[number]);
    if (radio) radio.checked = true;
    // Below many lanes it would be out of sight.
    find(record.count > MANY ? ".jobs" : ".log", policies[number]).before(panel);
    slider.max = Math.max(0, runs[number].times.length - 1);
    lane = -1;
    hideTip();
    go(Math.max(0, stepAt(runs[number], now)));
  }

  // Where the lanes are on the screen; read only when the window or the zoom changes.
  function measure() {
    const style = getComputedStyle(cursor);
    view = { left: parseFloat(style.left), width: cursor.clientWidth, window: scroll.clientWidth, at: scroll.scrollLeft };
    all(".overflow, .states").forEach((each) => { each.tabIndex = each.scrollWidth > each.clientWidth ? 0 : -1; });
  }
  function keepInView(now) {
    if (view.width <= view.window) return;
    const x = view.left + view.width * now / record.end;
    if (x < view.at + view.left + 20 || x > view.at + view.window - 60) {
      scroll.scrollLeft = x - view.window / 2;
      view.at = scroll.scrollLeft;
    }
  }
  function zoom() {
    stack.style.width = `${100 * zoomer.value}%`;
    stack.classList.toggle("edged", Number(zoomer.value) >= Number(scroll.dataset.edges));
    all(".marks").forEach((each) => { each.hidden = each.dataset.zoom !== zoomer.value; });
    measure();
    go(step);
  }

  // Details of what is under the pointer, or under the step in the lane that the keyboard chose.
  function details(track, time) {
    const number = Number(track.closest(".policy").dataset.run), run = runs[number];
    const at = stepAt(run, time);
    let job = Number(track.dataset.job ?? -1);
    if (job < 0) {
      const cpu = Number(track.dataset.cpu);
      job = jobs.findIndex((_, each) => { const place = placeOf(run, each, at); return place.state === RUNNING && place.cpu === cpu; });
      if (job < 0 || time >= run.end) return [time >= run.end && !run.cut ? run.stuck ? "nobody can go on" : "all is done" : "idle", ""];
    }
    if (job >= jobs.length) return ["does not arrive in the part that is shown", ""];
    const place = placeOf(run, job, at), name = jobs[job];
    // Of the deadline all is told that comes of it, whenever that is.
    const due = dueOf(run, job, placeOf(run, job, run.times.length), Infinity);
    const last = due && `deadline at ${due}`;
    if (place.state === NEW) return [`${name} ${record.arrivals[job] < 0 ? "is not spawned yet" : `arrives at ${show(record.arrivals[job])}`}`, "", last];
    if (isOver(place.state)) return [`${name} ${place.state === KILLED ? "was killed" : "ended"} at ${show(place.from)}`, "", last];
    if (place.state !== RUNNING) return [`${name} is ${record.states[place.state]} from ${show(place.from)} to ${show(place.until)}`, "", last];
    if (time < place.begin) return [`context switch to ${name} from ${show(place.from)} to ${show(place.begin)}`, "", last];
    const row = reasonOf(number, place, job), after = record.ended[place.ended];
    const length = show(Math.max(0, place.until - place.begin));
    return [`${name} runs from ${show(place.begin)} to ${show(place.until)} (${length} ${unit})${after ? `, ${after}` : ""}`, row ? words(row) : "", last];
  }
  function showTip(track, time, x, y) {
    const [head, ...more] = details(track, time);
    tip.replaceChildren(make("b", head), ...more.filter(Boolean).map((each) => make("span", each)));
    tip.hidden = false;
    const left = Math.min(x + 12, document.documentElement.clientWidth - tip.offsetWidth - 8);
    const below = y + 24 + tip.offsetHeight < window.innerHeight;
    tip.style.left = `${Math.max(8, left)}px`;
    tip.style.top = `${below ? y + 18 : Math.max(0, y - tip.offsetHeight - 12)}px`;
  }
  function hideTip() {
    tip.hidden = true;
    all(".lane.on").forEach((each) => each.classList.remove("on"));
  }
  function timeAt(track, x) {
    const box = track.getBoundingClientRect();
    return Math.max(0, Math.min((x - box.left) / box.width, 1)) * record.end;
  }
  function point() {
    const tracks = all(".track", policies[followed]);
    lane = Math.max(0, Math.min(lane, tracks.length - 1));
    hideTip();
    tracks[lane].parentElement.classList.add("on");
    tracks[lane].scrollIntoView({ block: "nearest" });
    const box = tracks[lane].getBoundingClientRect(), now = runs[followed].times[step] ?? 0;
    showTip(tracks[lane], now, box.left + box.width * now / record.end, box.bottom - 14);
  }

  scroll.addEventListener("pointermove", (event) => {
    const track = event.target.closest(".track");
    if (track) showTip(track, timeAt(track, event.clientX), event.clientX, event.clientY);
    else hideTip();
  });
  scroll.addEventListener("pointerleave", hideTip);
  scroll.addEventListener("scroll", () => { view.at = scroll.scrollLeft; }, { passive: true });
  scroll.addEventListener("click", (event) => {
    const track = event.target.closest(".track");
    if (!track) return;
    const number = Number(track.closest(".policy").dataset.run), time = timeAt(track, event.clientX);
    if (number !== followed) follow(number);
    go(stepAt(runs[number], time));
  });
  scroll.addEventListener("focus", () => { if (scroll.matches(":focus-visible")) { lane = 0; point(); } });
  scroll.addEventListener("blur", () => { lane = -1; hideTip(); });

  const moves = { first: () => 0, back: () => step - 1, next: () => step + 1, last: () => Infinity };
  const keys = { ArrowLeft: "back", ArrowRight: "next", Home: "first", End: "last" };
  all("[data-go]").forEach((each) => each.addEventListener("click", () => go(moves[each.dataset.go]())));
  slider.addEventListener("input", () => go(Number(slider.value)));
  zoomer.addEventListener("change", zoom);
  all("input[type=radio]").forEach((each) => each.addEventListener("change", () => follow(Number(each.value))));
  document.addEventListener("keydown", (event) => {
    const at = event.target;
    if (event.key === "Escape") { lane = -1; hideTip(); }
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const inside = at === scroll || at.matches("[data-go]");
    if (at === scroll && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
      lane += event.key === "ArrowUp" ? -1 : 1;
      point();
    } else if (keys[event.key] && (inside || (at === document.body && event.key.startsWith("Arrow")))) {
      go(moves[keys[event.key]]());
    } else return;
    event.preventDefault();
  });

  // Tables sort by the column whose heading is pressed; what is no number goes last.
  const number = (text) => parseFloat(text.replaceAll(",", ""));
  all(".sortable").forEach((table) => {
    all("thead th", table).forEach((head, at) => {
      const button = make("button", head.textContent);
      button.type = "button";
      head.replaceChildren(button);
      button.addEventListener("click", () => {
        const up = head.getAttribute("aria-sort") !== "ascending";
        all("thead th", table).forEach((each) => each.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", up ? "ascending" : "descending");
        const rows = [...table.tBodies[0].rows], text = (row) => row.cells[at].textContent.trim();
        const numbers = rows.every((row) => text(row) === "-" || !Number.isNaN(number(text(row)))) && !head.classList.contains("left");
        const none = (row) => text(row) === "-";
        rows.sort((one, other) => none(one) - none(other) || (up ? 1 : -1) * (numbers
          ? number(text(one)) - number(text(other))
          : text(one).localeCompare(text(other), "en", { numeric: true })));
        table.tBodies[0].append(...rows);
      });
    });
  });

  document.documentElement.classList.add("ready");
  find(".sorts").hidden = false;
  panel.hidden = cursor.hidden = false;
  all(".now").forEach((each) => { each.hidden = false; });
  new ResizeObserver(() => { measure(); keepInView(runs[followed].times[step] ?? 0); }).observe(scroll);
  measure();
  follow(0);
})();
