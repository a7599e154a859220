// One stream of server-sent events per page, with a state that the page can show: connecting, live, lost.

const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 15_000;
// The service speaks every second; so much silence means that the connection is dead without knowing it.
const PATIENCE = 6_000;

/**
 * Opens the live feed and keeps it open.
 * @param {string[]} topics "leads", "stream".
 * @param {Record<string, (data: any) => void>} handlers By event name.
 * @param {(state: "connecting"|"live"|"lost") => void} onState Told whenever the state changes.
 */
export function openLive(topics, handlers, onState) {
  let source = null;
  let wait = FIRST_WAIT;
  let timer = 0;
  let heard = 0;
  let state = "";

  const become = (next) => {
    if (state === next) return;
    state = next;
    onState(next);
  };

  const lose = () => {
    source?.close();
    source = null;
    clearTimeout(timer);
    become("lost");
    // Spread out, so that fifty pages do not come back in the same instant after a restart.
    timer = setTimeout(open, wait * (0.75 + Math.random() / 2));
    wait = Math.min(wait * 2, LONGEST_WAIT);
  };

  const hear = () => {
    heard = performance.now();
    wait = FIRST_WAIT;
    become("live");
  };

  function open() {
    if (state === "") become("connecting");
    heard = performance.now();
    source = new EventSource(`/api/v1/live?topics=${topics.join(",")}`);
    source.onerror = lose;
    source.addEventListener("beat", hear);
    for (const [name, handle] of Object.entries(handlers)) {
      source.addEventListener(name, (event) => {
        hear();
        handle(JSON.parse(event.data));
      });
    }
  }

  setInterval(() => {
    if (source && performance.now() - heard > PATIENCE) lose();
  }, 1_000);
  // A page that comes back to the front looks at once instead of waiting out its turn.
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible" && !source) {
      clearTimeout(timer);
      open();
    }
  });
  addEventListener("pagehide", () => source?.close());
  open();
}
