// Pictures of charts, made of what Plotly holds of a chart that is on the page. Words come as text, never as markup.
const SVG = 'http://www.w3.org/2000/svg';
const LEAST = 800; // pixels of a picture; narrower charts are laid out anew for it
const MOST = 1920;
const PNG_LEAST = 1600;
const EDGE = 20;

const element = (name, attributes, words) => {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (words !== undefined) made.textContent = words;
  return made;
};

const ruler = document.createElement('canvas').getContext('2d');
const lengthOf = (words, size, weight, font) => {
  ruler.font = `${weight} ${size}px ${font}`;
  return ruler.measureText(words).width;
};

// Lines no longer than `room`; a word without a space that is longer is broken.
const lines = (words, room, size, weight, font) => {
  const found = [];
  let line = '';
  for (const word of words.split(/[ \n]+/).filter(Boolean)) {
    const longer = line ? `${line} ${word}` : word;
    if (lengthOf(longer, size, weight, font) <= room) { line = longer; continue; }
    if (line) found.push(line);
    line = word;
    while (lengthOf(line, size, weight, font) > room) {
      let cut = line.length - 1;
      while (cut > 1 && lengthOf(line.slice(0, cut), size, weight, font) > room) cut -= 1;
      found.push(line.slice(0, cut));
      line = line.slice(cut);
    }
  }
  return line ? [...found, line] : found;
};

// A pen that writes below what it wrote before.
const pen = (picture, width, facts) => ({
  y: EDGE,
  write(words, size, colour, weight = 'normal') {
    for (const line of lines(words, width - 2 * EDGE, size, weight, facts.font)) {
      const at = { x: EDGE, y: this.y + size, 'font-size': size, 'font-weight': weight, fill: colour };
      picture.append(element('text', at, line));
      this.y += size * 1.4;
    }
  },
  legend(swatches, size) {
    let x = EDGE;
    for (const swatch of swatches) {
      const wide = size * 1.7 + lengthOf(swatch.words, size, 'normal', facts.font) + size * 1.4;
      if (x > EDGE && x + wide > width - EDGE) { x = EDGE; this.y += size * 1.7; }
      const box = { x, y: this.y, width: size * 1.3, height: size * 1.3, stroke: '#8A94A0' };
      picture.append(element('rect', { ...box, fill: swatch.fill }));
      if (swatch.pattern === '/') {
        const [left, low, side] = [x, this.y + size * 1.3, size * 1.3];
        const strokes = [0.35, 0.7, 1].map((part) => `M${left},${low - side * part}L${left + side * part},${low}`);
        picture.append(element('path', { d: strokes.join(''), stroke: '#8A94A0', fill: 'none' }));
      } else if (swatch.shape) {
        const at = { x: x + size * 0.65, y: this.y + size, 'font-size': size * 0.85, 'text-anchor': 'middle' };
        picture.append(element('text', { ...at, fill: swatch.ink }, swatch.shape));
      }
      picture.append(element('text', { x: x + size * 1.7, y: this.y + size, 'font-size': size, fill: facts.ink }, swatch.words));
      x += wide;
    }
    if (swatches.length) this.y += size * 1.9;
  },
});

const withFont = (value, font) => {
  if (Array.isArray(value)) return value.map((held) => withFont(held, font));
  if (ArrayBuffer.isView(value)) return value;
  if (!value || typeof value !== 'object') return value;
  const known = Object.entries(value).map(([key, held]) => [key, key === 'family' ? font : withFont(held, font)]);
  return Object.fromEntries(known);
};

// By how much wider the letters of a picture are than those of the page, for which room was measured.
const growth = (layout, font) => {
  const sample = '▲ 1.234,5 % (6.789/12.345) Phường Hạc Thành';
  return Math.max(1, lengthOf(sample, 13, 'normal', font) / lengthOf(sample, 13, 'normal', layout.font?.family || font));
};

const sizeOf = (chart, grow) => {
  const shown = chart.getBoundingClientRect();
  const width = Math.min(MOST, Math.max(LEAST, Math.round(shown.width * grow)));
  const isMap = Boolean(chart.layout.yaxis?.scaleanchor); // squares stay squares
  return [width, Math.round(isMap ? shown.height * (width / shown.width) : shown.height)];
};

const drawn = async (chart, told, facts) => {
  const grow = growth(chart.layout, facts.font);
  const size = chart.layout.font?.size || 13;
  const below = chart.layout.legend?.orientation === 'h' ? size * 3 : 0; // its own legend may need another line
  const [width, onPage] = sizeOf(chart, grow);
  const height = onPage + below;
  const picture = element('svg', { xmlns: SVG, width, 'font-family': facts.font, role: 'img' });
  picture.append(element('title', {}, told.title), element('desc', {}, [told.about, ...facts.citation].join(' · ')));
  const ground = element('rect', { width, fill: '#FFFFFF' });
  picture.append(ground);
  const written = pen(picture, width, facts);
  written.write(told.title, size * 1.6, facts.ink, 'bold');
  if (told.about) written.write(told.about, size, facts.muted);
  written.y += size * 0.5;
  written.legend(told.legend, size);
  const { l = 0, r = 0, b = 0, ...margin } = chart.layout.margin || {};
  const room = { ...margin, l: l * grow, r: r * grow, b: b + below };
  const measures = { width, height, margin: room, autosize: false };
  const layout = { ...withFont(chart.layout, facts.font), ...measures, paper_bgcolor: '#FFFFFF' };
  const figure = { data: chart.data.map((trace) => withFont(trace, facts.font)), layout, config: {} };
  const inner = await window.Plotly.toImage(figure, { format: 'svg', width, height, imageDataOnly: true });
  const parsed = new DOMParser().parseFromString(inner, 'image/svg+xml').documentElement;
  parsed.setAttribute('x', 0);
  parsed.setAttribute('y', written.y);
  picture.append(document.importNode(parsed, true));
  written.y += height + size * 0.5;
  for (const line of facts.citation) written.write(line, size * 0.85, facts.muted);
  const tall = Math.ceil(written.y + EDGE * 0.6);
  picture.setAttribute('height', tall);
  picture.setAttribute('viewBox', `0 0 ${width} ${tall}`);
  ground.setAttribute('height', tall);
  return { words: new XMLSerializer().serializeToString(picture), width, height: tall };
};

const asPng = async ({ words, width, height }) => {
  const scale = Math.max(2, PNG_LEAST / width);
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(words)}`;
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  canvas.getContext('2d').drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('no picture'))), 'image/png');
  });
};

const save = (blob, name) => {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
};

const take = async (button, facts) => {
  const place = button.closest('.chart-image');
  const status = place.querySelector('[role="status"]');
  const told = JSON.parse(place.dataset.told);
  const kind = button.dataset.format;
  button.disabled = true;
  status.textContent = facts.making;
  try {
    const chart = document.querySelector(`.st-key-${CSS.escape(told.chart)} .js-plotly-plot`);
    const picture = await drawn(chart, told, facts);
    const blob = kind === 'png' ? await asPng(picture) : new Blob([picture.words], { type: 'image/svg+xml' });
    save(blob, `${told.name}.${kind}`);
    status.textContent = facts.done;
  } catch (error) {
    console.error(error);
    status.textContent = facts.failed;
  }
  button.disabled = false;
  button.focus();
};

export default function (component) {
  const clicked = (event) => {
    const button = event.target instanceof Element && event.target.closest('.chart-image button[data-format]');
    if (button && !button.disabled) take(button, component.data);
  };
  document.addEventListener('click', clicked);
  return () => document.removeEventListener('click', clicked);
}
