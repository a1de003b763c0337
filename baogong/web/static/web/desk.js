// Loaded before htmx. The content policy asks for Trusted Types; htmx turns the server's answers into nodes, so answers may
// become HTML here, but nothing may become a script or a script's address.
if (window.trustedTypes) window.trustedTypes.createPolicy('default', { createHTML: (html) => html })

// A button with data-print prints; one with data-close closes its dialog or toast.
document.addEventListener('click', (event) => {
  const button = event.target.closest('[data-print], [data-close]')
  if (!button) return
  if ('print' in button.dataset) window.print()
  else button.closest('dialog, .toast')?.remove()
})

// "/" leads to the search box, as on most desks, unless somebody is typing.
document.addEventListener('keydown', (event) => {
  const typing = event.target.closest('input, textarea, select, [contenteditable]')
  if (event.key !== '/' || typing || event.ctrlKey || event.altKey || event.metaKey) return
  const box = document.querySelector('.seek input')
  if (!box) return
  event.preventDefault()
  box.focus()
})
