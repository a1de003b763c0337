// A letter's QR code carries its code behind `#`, which browsers never send: put it into the field, and out of sight.
const field = document.getElementById("id_code");
const code = decodeURIComponent(location.hash.slice(1));
if (field && /^[0-9A-Za-z-]{4,20}$/.test(code)) {
  field.value = code;
  history.replaceState(null, "", location.pathname + location.search);
  (document.getElementById("id_name") || field).focus();
}
