// A wall screen: asks for its pictures, shows them in turn, and never shows less than it had.
//
// Words come ready-made and are only ever set as text. Time between things is measured by a clock that cannot be set
// back; the clock on the screen follows the server's, for the clocks of wall computers are often wrong.
"use strict";

(() => {
  const settings = JSON.parse(document.body.dataset.settings);
  const words = settings.words;
  const KEPT = `wall:${settings.data}`;
  const TICK = 250; // ms; shorter where seconds are compressed
  const PATIENCE = 10_000; // ms for one answer
  const RELOAD_EVERY = 60_000; // ms

  let answer = null; // what the server said last
  let tag = "";
  let index = -1; // of the picture shown; -1: none
  let isResting = false;
  let turnedAt = 0;
  let nextAt = 0; // when to ask again
  let isAsking = false;
  let confirmedAt = null; // server time at which the picture was last known to be the newest
  let awaySince = null;
  let trouble = "";
  let offset = 0; // server time minus the time of this computer

  const part = (id) => document.getElementById(id);
  const [title, about, clock, date, stage, banner, demo, facts, state, next, passing] = [
    "title", "about", "clock", "date", "stage", "banner", "demo", "facts", "state", "next", "passing",
  ].map(part);

  // ---------------------------------------------------------------- small things

  const fill = (sentence, values) => sentence.replace(/\{(\w+)\}/g, (hole, name) => values[name] ?? hole);
  const serverNow = () => Date.now() + offset;
  const local = (moment) => new Date(moment + 7 * 3600_000); // Viet Nam has no summer time: read it as UTC
  const two = (number) => String(number).padStart(2, "0");
  const hourMinute = (moment) => `${two(local(moment).getUTCHours())}:${two(local(moment).getUTCMinutes())}`;

  function write(node, content) {
    if (node.textContent !== content) node.textContent = content;
  }

  function age(milliseconds) {
    const minutes = Math.floor(milliseconds / 60_000);
    if (minutes < 120) return fill(words.minutes, { count: minutes });
    if (minutes < 48 * 60) return fill(words.hours, { count: Math.floor(minutes / 60) });
    return fill(words.days_old, { count: Math.floor(minutes / 1440) });
  }

  function element(tagName, name, ...content) {
    const node = document.createElement(tagName);
    if (name) node.className = name;
    node.append(...content.filter((item) => item !== null && item !== undefined && item !== ""));
    return node;
  }

  const block = (name, ...content) => element("div", name, ...content);
  const word = (name, content) => element("span", name, content ?? "");

  function sized(node, share, property = "--share") {
    node.style.setProperty(property, String(share));
    return node;
  }

  const toned = (name, tone, ...content) => block(`${name} tone-${tone}`, ...content);
  const markOf = (mark) => toned("mark", mark.tone, word("shape", mark.shape), word("word", mark.word));

  function bar(row, tone) {
    const track = block("track", sized(toned("fill", tone), row.share ?? 0));
    if (row.aim !== null && row.aim !== undefined) track.append(sized(block("aim"), row.aim));
    return track;
  }

  // ---------------------------------------------------------------- pictures

  function headline(picture) {
    const cards = picture.cards.map((card) =>
      block("card",
        block("name", card.name),
        block("figure", word("value", card.value), block("counted", block("", card.counted), block("", card.coverage))),
        card.aim === null ? null : bar(card, card.mark.tone),
        block("line", markOf(card.mark), card.target ? word("", card.target) : null),
        card.change ? block("line", card.change) : null));
    return block(`cards of-${cards.length}`, ...cards);
  }

  function ranking(picture) {
    const rows = picture.rows.map((row) =>
      block(`row ranked${row.is_small ? " small" : ""}`,
        word("place", row.place), word("name", row.name), bar(row, row.mark.tone),
        toned("figure", row.mark.tone, word("shape", row.mark.shape), word("value", row.value), word("counted", row.counted)),
        word(`standing tone-${row.mark.tone}`, row.mark.word)));
    if (picture.gap) rows.splice(picture.gap.after, 0, block("row gap", `⋯ ${picture.gap.words} ⋯`));
    return block("rows bars", ...rows);
  }

  function tiles(picture) {
    const map = block("map");
    for (const tile of picture.tiles) {
      const square = toned("tile", tile.tone, tile.shape);
      square.style.gridColumn = String(tile.col + 1);
      square.style.gridRow = String(tile.row + 1);
      map.append(square);
    }
    sized(map, Math.max(...picture.tiles.map((tile) => tile.col)) + 1, "--columns");
    sized(map, Math.max(...picture.tiles.map((tile) => tile.row)) + 1, "--rows");
    const lowest = picture.lowest.map((row) =>
      block("low", toned("shape", row.mark.tone, row.mark.shape), word("name", row.name), word("value", row.value)));
    const side = block("side", legend(picture.legend),
      lowest.length ? block("lowest", block("note", picture.lowest_words), ...lowest) : null, block("note", picture.note));
    return block("place-map", map, side);
  }

  function legend(items) {
    return block("legend", ...items.map((item) =>
      block("item", toned("swatch", item.tone, item.shape), word("count", item.count), word("word", item.word))));
  }

  function tasks(picture) {
    const rows = picture.bars.map((row) =>
      block("row task",
        word("name", row.name),
        block("track", ...row.parts.map((one) => sized(toned("piece", one.tone, `${one.shape} ${one.count}`), one.share))),
        word("done", row.done)));
    return block("rows", ...rows, legend(picture.legend));
  }

  function overdue(picture) {
    return block("rows", ...picture.items.map((item) =>
      block("item-row",
        block("first", word("name", item.title), toned("days", item.tone, word("shape", item.shape), word("", item.days))),
        block("second", word("", item.line), word("", item.word)))));
  }

  function missing(picture) {
    return block("rows", ...picture.names.map((row) =>
      block("row absent", markOf(row.mark), word("name", row.name), word("late", row.late))));
  }

  const DRAW = { headline, ranking, tiles, tasks, overdue, missing };
  const CONTENT = { headline: "cards", ranking: "rows", tiles: "tiles", tasks: "bars", overdue: "items", missing: "names" };

  function drawing(picture) {
    const content = picture[CONTENT[picture.kind]];
    return content && content.length ? DRAW[picture.kind](picture) : block("calm", picture.title);
  }

  // ---------------------------------------------------------------- showing

  const isWithin = (minute, from, to) => (from < to ? from <= minute && minute < to : minute >= from || minute < to);

  function isOn(thing) {
    const now = local(serverNow());
    return isWithin(60 * now.getUTCHours() + now.getUTCMinutes(), thing.from, thing.to);
  }

  // The first picture whose hour it is, from `start` on; -1 if there is none.
  function findOn(all, start) {
    if (!isOn(all)) return -1;
    const count = all.pictures.length;
    for (let step = 0; step < count; step += 1) {
      const at = (start + step + count) % count;
      if (isOn(all.pictures[at])) return at;
    }
    return -1;
  }

  // Made whole before anything on the screen is touched: a fault leaves the picture before it.
  function show(all, at) {
    const made = at < 0 ? block("rest", word("time", ""), block("", words.resting)) : drawing(all.pictures[at]);
    const picture = at < 0 ? { title: "", about: "", facts: [], kind: "rest" } : all.pictures[at];
    const root = document.documentElement.style;
    root.setProperty("--letter", `${all.letter}vh`);
    root.setProperty("--small", `${all.small}vh`);
    root.setProperty("--foot-lines", String(all.foot_lines));
    document.body.classList.toggle("tall-foot", all.foot_lines > 1);
    stage.replaceChildren(made);
    stage.className = picture.kind;
    write(title, picture.title);
    write(about, picture.about);
    write(facts, picture.facts.join(" · "));
    write(demo, all.demo);
    [title, about, facts].forEach(fit);
    for (const piece of stage.querySelectorAll(".piece")) thin(piece);
    index = at;
    isResting = at < 0;
    turnedAt = performance.now();
  }

  // Words too long for their line are written smaller rather than cut.
  function fit(node) {
    node.style.removeProperty("font-size");
    const given = parseFloat(getComputedStyle(node).fontSize);
    if (node.scrollWidth > node.clientWidth && node.clientWidth > 0)
      node.style.fontSize = `${Math.max(0.6, node.clientWidth / node.scrollWidth) * given}px`;
  }

  // A piece of a bar too narrow for shape and number has the number, or nothing.
  function thin(piece) {
    for (const shorter of [piece.textContent.split(" ")[1], ""])
      if (piece.scrollWidth > piece.clientWidth) piece.textContent = shorter;
  }

  function turn(step) {
    if (answer === null) return;
    const at = findOn(answer, index < 0 ? 0 : index + step);
    if (at !== index || at < 0 !== isResting || answer.pictures.length > 1) show(answer, at);
    else turnedAt = performance.now();
  }

  // ---------------------------------------------------------------- asking

  async function ask() {
    isAsking = true;
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), PATIENCE);
    try {
      const headers = tag ? { "If-None-Match": tag } : {};
      const reply = await fetch(settings.data, { headers, cache: "no-store", signal: patience.signal });
      if (reply.status === 200) take(await reply.json(), reply.headers.get("etag") ?? "");
      else if (reply.status !== 304) throw new Error({ 404: words.gone, 503: words.empty }[reply.status] ?? "");
      confirm(Date.parse(reply.headers.get("date") ?? ""));
    } catch (error) {
      trouble = [words.gone, words.empty].includes(error.message) ? error.message : "";
      awaySince ??= serverNow();
    } finally {
      clearTimeout(timer);
      isAsking = false;
      const seconds = answer?.refresh ?? settings.refresh;
      nextAt = performance.now() + 1000 * seconds * (0.9 + 0.2 * Math.random()); // screens shall not ask in step
    }
  }

  function take(found, foundTag) {
    const at = findOn(found, Math.max(0, Math.min(index, found.pictures.length - 1)));
    const since = turnedAt;
    const wasAt = index;
    show(found, at);
    if (at === wasAt && answer !== null) turnedAt = since; // new figures do not lengthen a picture's time
    answer = found;
    tag = foundTag;
    keep("answer", JSON.stringify(found));
    if (found.shell !== settings.shell) loadAnew();
  }

  function confirm(servedAt) {
    if (Number.isFinite(servedAt) && Math.abs(servedAt + 500 - serverNow()) > 2000) offset = servedAt + 500 - Date.now();
    confirmedAt = serverNow();
    awaySince = null;
    trouble = "";
    keep("confirmed", String(confirmedAt));
  }

  // The server has a newer page, and has just answered: the one moment at which it is safe to load it.
  function loadAnew() {
    const last = Number(recall("reloaded") ?? 0);
    if (Date.now() - last < RELOAD_EVERY) return;
    keep("reloaded", String(Date.now()));
    location.reload();
  }

  function keep(name, value) {
    try {
      localStorage.setItem(`${KEPT}:${name}`, value);
    } catch {
      // No room or not allowed: then a reload starts with an empty screen.
    }
  }

  function recall(name) {
    try {
      return localStorage.getItem(`${KEPT}:${name}`);
    } catch {
      return null;
    }
  }

  // What was on the screen before the browser was started again, until there is news.
  function restore() {
    try {
      const kept = JSON.parse(recall("answer") ?? "null");
      if (kept === null) return;
      show(kept, findOn(kept, 0));
      answer = kept;
      confirmedAt = Number(recall("confirmed")) || null;
    } catch {
      answer = null;
    }
  }

  // ---------------------------------------------------------------- every quarter of a second

  function tick() {
    const now = performance.now();
    const moment = serverNow();
    write(clock, hourMinute(moment));
    const day = local(moment);
    write(date, `${two(day.getUTCDate())}/${two(day.getUTCMonth() + 1)}/${day.getUTCFullYear()}`);
    if (!isAsking && now >= nextAt) ask();
    if (answer !== null) {
      const shown = answer.pictures[index];
      const time = shown ? 1000 * shown.seconds : 5000;
      if (now - turnedAt >= time || (shown && !(isOn(answer) && isOn(shown)))) turn(1);
      const held = answer.pictures[index];
      sized(passing, held ? Math.min(1, (performance.now() - turnedAt) / (1000 * held.seconds)) : 0);
    }
    if (isResting) write(stage.querySelector(".time"), hourMinute(moment));
    tell(now, moment);
  }

  function tell(now, moment) {
    const silent = confirmedAt === null ? 0 : moment - confirmedAt;
    const unbuilt = answer === null ? 0 : moment - answer.built_at;
    const isSilent = answer !== null && (confirmedAt === null || silent > 1000 * answer.old_after);
    const isUnbuilt = answer !== null && unbuilt > 1000 * answer.old_build_after;
    const isFirst = answer === null && awaySince === null;
    document.body.dataset.state = isFirst ? "waiting" : isSilent || isUnbuilt ? "old" : awaySince !== null ? "away" : "live";
    const fallback = answer?.fallback ?? "";
    document.body.classList.toggle("fallback", fallback !== "");
    document.body.dataset.warehouse = answer?.warehouse ?? "";
    if (isSilent) write(banner, `■ ${fill(words.old, { age: age(silent) })}`);
    else if (fallback) write(banner, `▲ ${fallback}`);
    else write(banner, isUnbuilt ? `■ ${fill(words.old_build, { age: age(unbuilt) })}` : "");
    if (awaySince === null) write(state, isFirst ? "" : `● ${words.live}`);
    else write(state, `▲ ${trouble || fill(words.away, { time: hourMinute(awaySince) })}`);
    if (awaySince !== null && answer === null) write(title, trouble || words.loading);
    const seconds = Math.max(0, Math.ceil((nextAt - now) / 1000));
    write(next, isAsking ? words.asking : fill(words.next, { seconds }));
  }

  addEventListener("keydown", (event) => {
    if (event.key === "ArrowRight" || event.key === "PageDown") turn(1);
    if (event.key === "ArrowLeft" || event.key === "PageUp") turn(-1);
  });
  addEventListener("online", () => { nextAt = 0; });
  addEventListener("resize", () => [title, about, facts].forEach(fit));

  restore();
  tick();
  setInterval(tick, Math.min(TICK, 250 * settings.refresh));
  document.fonts.ready.then(() => [title, about, facts].forEach(fit));
  // Where the browser allows it (https, or this very computer) the page itself opens without the server too.
  navigator.serviceWorker?.register(settings.worker, { scope: settings.home }).catch(() => {});
})();
