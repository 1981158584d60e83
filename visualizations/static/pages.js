(function () {
  'use strict';
  var FIELD = /^(INPUT|SELECT|TEXTAREA)$/;
  // a form asks for confirmation
  document.addEventListener('submit', function (event) {
    var text = event.target.getAttribute('data-confirm');
    if (text && !window.confirm(text)) { event.preventDefault(); }
  });

  // an explanation closes when another opens, on Escape, and on a click outside it
  function close(kept) {
    document.querySelectorAll('details.what[open]').forEach(function (open) { if (open !== kept) { open.open = false; } });
  }
  document.addEventListener('click', function (event) { close(event.target.closest('details.what')); });

  // shortcuts: data-key of an element is the key that activates it
  function on() {
    try { return window.localStorage.getItem('keys') !== 'off'; } catch (error) { return true; }
  }
  var begun = '';
  document.addEventListener('keydown', function (event) {
    var target = event.target, open;
    if (event.key === 'Escape' && (open = document.querySelector('details.what[open]'))) {
      close();
      open.querySelector('summary').focus();
      return;
    }
    if (!on() || event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.repeat) { return; }
    if (FIELD.test(target.tagName) || target.isContentEditable || event.key.length !== 1) { return; }
    var pressed = begun + event.key;
    begun = '';
    var keyed = Array.from(document.querySelectorAll('[data-key]'));
    var found = keyed.find(function (element) { return element.getAttribute('data-key') === pressed; });
    if (found) {
      event.preventDefault();
      if (FIELD.test(found.tagName)) { found.focus(); if (found.select) { found.select(); } } else { found.click(); }
    } else if (keyed.some(function (element) { return element.getAttribute('data-key').indexOf(pressed + ' ') === 0; })) {
      begun = pressed + ' ';
      window.setTimeout(function () { begun = ''; }, 1500);
    }
  });
  document.querySelectorAll('[data-setting="keys"]').forEach(function (box) {
    box.checked = on();
    box.closest('[hidden]').hidden = false;
    box.addEventListener('change', function () { window.localStorage.setItem('keys', box.checked ? 'on' : 'off'); });
  });

  // open all details for print
  var folded = [];
  window.addEventListener('beforeprint', function () {
    folded = Array.from(document.querySelectorAll('.facts details:not([open]):not(.what)'));
    folded.forEach(function (details) { details.open = true; });
  });
  window.addEventListener('afterprint', function () {
    folded.forEach(function (details) { details.open = false; });
  });

  // files that are too large are refused before they are sent, because the service could only close the connection
  document.addEventListener('submit', function (event) {
    var form = event.target, most = Number(form.getAttribute('data-most'));
    if (!most) { return; }
    var bytes = 0, count = 0;
    Array.prototype.forEach.call(form.querySelectorAll('input[type=file]'), function (input) {
      Array.prototype.forEach.call(input.files, function (file) { bytes += file.size; count += 1; });
    });
    var many = Number(form.getAttribute('data-files'));
    var said = !count ? '还没有选择文件。请选择台账文件或文件夹。'
      : count > many ? '选了 ' + count + ' 个文件，一次最多 ' + many + ' 个。请分几次上传。'
        : bytes > most ? '所选文件共 ' + Math.ceil(bytes / 1048576) + ' MB，一次最多 ' + most / 1048576 + ' MB。请分几次上传。' : '';
    var place = form.querySelector('[role=alert]');
    place.textContent = said;
    place.hidden = !said;
    if (said) { event.preventDefault(); }
  });
  // the progress of a load
  var running = document.querySelector('[data-poll]');
  function poll() {
    fetch(location.href, { headers: { accept: 'text/html' } }).then(function (got) { return got.text(); }).then(function (text) {
      var now = new DOMParser().parseFromString(text, 'text/html').querySelector('[data-poll]');
      if (!now) { location.reload(); return; }
      if (running.textContent !== now.textContent) { running.textContent = now.textContent; }
      setTimeout(poll, 1000);
    }).catch(function () { setTimeout(poll, 3000); });
  }
  if (running) { setTimeout(poll, 500); }
}());
