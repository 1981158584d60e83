(function () {
  'use strict';
  // what a form asks to be confirmed
  document.addEventListener('submit', function (event) {
    var text = event.target.getAttribute('data-confirm');
    if (text && !window.confirm(text)) { event.preventDefault(); }
  });
}());
