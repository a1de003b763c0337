// The residents' worker keeps one page only: what to do without a network. It never stores an answer, so nothing that somebody
// saw when signed in can come back to another.
const STORE = 'offline-1'
const PAGE = '/offline/'

self.addEventListener('install', (event) => {
  event.waitUntil(keepOfflinePage())
  self.skipWaiting()
})

self.addEventListener('activate', (event) => {
  event.waitUntil(dropOldStores())
})

self.addEventListener('fetch', (event) => {
  const { request } = event
  if (request.mode !== 'navigate' || request.method !== 'GET') return
  event.respondWith(fetch(request).catch(() => caches.match(PAGE)))
})

async function keepOfflinePage() {
  const store = await caches.open(STORE)
  await store.add(new Request(PAGE, { credentials: 'omit', cache: 'reload' }))
}

async function dropOldStores() {
  const names = await caches.keys()
  await Promise.all(names.filter((name) => name !== STORE).map((name) => caches.delete(name)))
}
