// Keeps the page of a screen, its script, style and font, for a browser that is started while the server is away.
"use strict";

const SHELF = "wall";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const address = new URL(event.request.url);
  if (event.request.method !== "GET" || address.pathname.endsWith("/du-lieu")) return;
  event.respondWith(
    fetch(event.request)
      .then(async (reply) => {
        if (reply.ok) await (await caches.open(SHELF)).put(address.pathname, reply.clone());
        return reply;
      })
      .catch(async () => (await (await caches.open(SHELF)).match(address.pathname)) ?? Response.error()),
  );
});
