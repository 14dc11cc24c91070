// The page around Streamlit's own: keeps its language that of the URL, and says in that language what Streamlit itself
// says only in English. `WORDS` stands before this script: pairs of English and Vietnamese, `{…}` for what varies.
const READ = ['aria-label', 'placeholder', 'title', 'aria-description'];
// Words of others are left alone: figures, tables, cells of canvas tables, text of files.
const OTHERS = 'svg, canvas, table, pre, code, script, style, [data-testid="stText"]';
const MARKDOWN = '[data-testid="stMarkdownContainer"]';
const OF_STREAMLIT = '[data-testid="stFileUploader"]';

const exact = new Map();
const patterns = [];
for (const [english, vietnamese] of WORDS) {
  if (!english.includes('{')) { exact.set(english, vietnamese); continue; }
  const parts = english.split(/\{\w+\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  patterns.push([new RegExp(`^${parts.join('(.{1,40}?)')}$`, 's'), vietnamese]);
}
const said = new WeakMap(); // text node → what Streamlit says there; element → Map of attributes

const wished = () => (new URLSearchParams(location.search).get('lang') === 'en' ? 'en' : 'vi');
let language = wished();

const inVietnamese = (words) => {
  const key = words.trim();
  if (key.length < 2 || key.length > 300) return undefined;
  const found = exact.get(key);
  if (found !== undefined) return found;
  for (const [pattern, vietnamese] of patterns) {
    const held = pattern.exec(key);
    if (held) { let place = 0; return vietnamese.replace(/\{\w+\}/g, () => held[++place]); }
  }
  return undefined;
};

const isOfOthers = (element, words) => element.closest(OTHERS)
  || (element.closest(MARKDOWN) && !words.trim().includes(' ') && !element.closest(OF_STREAMLIT));

const sayText = (node) => {
  const element = node.parentElement;
  if (!element) return;
  const known = said.get(node);
  if (known && known.shown === node.data) {
    if (language === 'en') { said.delete(node); node.data = known.english; }
    return;
  }
  const vietnamese = language === 'vi' ? inVietnamese(node.data) : undefined;
  if (vietnamese === undefined || isOfOthers(element, node.data)) return;
  said.set(node, { english: node.data, shown: vietnamese });
  node.data = vietnamese;
};

const sayAttributes = (element) => {
  for (const name of READ) {
    const words = element.getAttribute(name);
    if (!words) continue;
    const known = said.get(element)?.get(name);
    if (known && known.shown === words) {
      if (language === 'en') { said.get(element).delete(name); element.setAttribute(name, known.english); }
      continue;
    }
    const vietnamese = language === 'vi' ? inVietnamese(words) : undefined;
    if (vietnamese === undefined) continue;
    if (!said.has(element)) said.set(element, new Map());
    said.get(element).set(name, { english: words, shown: vietnamese });
    element.setAttribute(name, vietnamese);
  }
};

const SCROLLED = '[data-testid="stCode"] pre, [data-testid="stSidebarContent"]'; // scrolls, and cannot be reached by key as Streamlit makes it

const sayAll = (root) => {
  if (root.nodeType === Node.TEXT_NODE) { sayText(root); return; }
  if (root.nodeType !== Node.ELEMENT_NODE || root.closest('svg')) return; // a chart has thousands of parts, none ours
  for (const part of root.querySelectorAll(SCROLLED)) part.tabIndex = 0;
  if (root.matches(SCROLLED)) root.tabIndex = 0;
  sayAttributes(root);
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT, (node) => (
    node instanceof SVGElement ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT));
  while (walker.nextNode()) {
    if (walker.currentNode.nodeType === Node.TEXT_NODE) sayText(walker.currentNode);
    else sayAttributes(walker.currentNode);
  }
};

const look = () => {
  const now = wished();
  if (now === language) return;
  language = now;
  document.documentElement.lang = now;
  sayAll(document.body);
};
for (const name of ['pushState', 'replaceState']) {
  const usual = history[name];
  history[name] = function (...given) { const answer = usual.apply(this, given); look(); return answer; };
}
addEventListener('popstate', look);

// Our own links lead on without loading the page anew: Streamlit follows the address as it does for the back button.
const follow = (event) => {
  const link = event.target.closest?.('a.here, .matrix a');
  if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  if (link.origin !== location.origin || link.hasAttribute('download')) return;
  event.preventDefault();
  history.pushState({}, '', link.href);
  dispatchEvent(new PopStateEvent('popstate'));
};
addEventListener('click', follow);

// Where the keyboard was before a drawer opened; Streamlit may have drawn that part anew meanwhile.
let before = null;
const placeOf = (element) => {
  const held = element.closest('[class*="st-key-"]');
  const name = held && [...held.classList].find((each) => each.startsWith('st-key-'));
  return { element, name: name && name.replace(/-\d+$/, ''), href: element.getAttribute('href') };
};
addEventListener('focusin', (event) => {
  if (!event.target.closest('[role="dialog"], [data-testid="stDialog"]')) before = placeOf(event.target);
});
const giveBack = () => {
  if (!before || document.activeElement !== document.body || document.querySelector('[role="dialog"]')) return;
  const { element, name, href } = before;
  const again = element.isConnected ? element
    : (href && document.querySelector(`a[href="${CSS.escape(href)}"]`))
      || (name && document.querySelector(`[class*="${CSS.escape(name)}"] :is(canvas, button, input, a)`));
  (again || document.querySelector('[data-testid="stMain"]'))?.focus({ preventScroll: Boolean(again) });
};

const begin = () => {
  document.documentElement.lang = language;
  sayAll(document.body);
  new MutationObserver((changes) => {
    for (const change of changes) {
      if (change.type === 'childList') {
        change.addedNodes.forEach(sayAll);
        for (const gone of change.removedNodes) {
          if (gone.querySelector?.('[role="dialog"]') || gone.matches?.('[role="dialog"]')) setTimeout(giveBack, 50);
        }
      }
      else if (change.type === 'characterData') sayText(change.target);
      else if (!(change.target instanceof SVGElement)) sayAttributes(change.target);
    }
  }).observe(document.body, {
    subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: READ,
  });
};
if (document.body) begin(); else addEventListener('DOMContentLoaded', begin);
