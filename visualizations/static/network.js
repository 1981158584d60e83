(function () {
  'use strict';
  var box = document.getElementById('network');
  if (!box) { return; }
  var status = document.getElementById('network-status');
  var facts = document.getElementById('network-facts');
  var input = document.getElementById('network-search');
  var list = document.getElementById('network-options');
  var data = JSON.parse(document.getElementById('network-data').textContent);
  var MOST = 12;

  function fail(text) { status.textContent = text; status.hidden = false; }
  function element(tag, text, name) {
    var made = document.createElement(tag);
    if (text !== undefined) { made.textContent = text; }
    if (name) { made.className = name; }
    return made;
  }

  // node: [type, name, drawn label, mark, x, y, size, font size, facts, state]; edge: [from, to, relation, width of one without direction]
  var neighbours = data.nodes.map(function () { return []; });
  data.edges.forEach(function (edge) {
    var label = data.relations[edge[2]];
    neighbours[edge[0]].push([edge[3] ? label : label + ' →', edge[1]]);
    neighbours[edge[1]].push([edge[3] ? label : '← ' + label, edge[0]]);
  });

  function plain(text) {
    var made = element('div', text);
    made.className = 'network-tip';
    return made;
  }

  function drawn(node, id) {
    var type = data.types[node[0]];
    var border = node[3] ? data.marked : type.color;
    var color = { background: type.color, border: border };
    if (type.shape === 'box') { color.background = '#ffffff'; }
    var width = node[3] ? 8 : 1;
    var dashes = false;
    var state = data.states[node[9]];
    if (state) {
      color.background = state.fill;
      border = state.border;
      width = state.width;
      dashes = state.dashes;
    }
    return {
      id: id, label: node[2] || node[1], title: plain(type.label + '：' + node[1].slice(0, 80)),
      shape: type.shape, x: node[4], y: node[5], size: node[6], borderWidth: width,
      shapeProperties: { borderDashes: dashes }, font: { size: node[7] },
      color: {
        background: color.background, border: border,
        highlight: { background: color.background, border: '#101820' },
        hover: { background: color.background, border: '#101820' }
      }
    };
  }

  function start(vis) {
    var nodes = new vis.DataSet(data.nodes.map(drawn));
    var network = new vis.Network(box, {
      nodes: nodes,
      edges: new vis.DataSet(data.edges.map(function (edge, id) {
        var made = { id: id, from: edge[0], to: edge[1], title: plain(data.relations[edge[2]]) };
        if (edge[3]) {
          made.width = edge[3];
          made.arrows = { to: { enabled: false } };
          made.color = { color: '#d3dbe1', highlight: '#0b5a78', hover: '#5b7486' };
        }
        var a = data.nodes[edge[0]];
        var b = data.nodes[edge[1]];
        if (!edge[3] && Math.abs(a[4] - b[4]) + Math.abs(a[5] - b[5]) > data.far) { made.color = { color: '#e4e9ed' }; }
        return made;
      }))
    }, data.options);
    // names of hubs are large enough for the whole view, and stay that large on the screen when zoomed in
    var usual = Math.min.apply(null, data.nodes.map(function (node) { return node[7]; }));
    var hubs = data.nodes.map(function (node, id) { return id; }).filter(function (id) { return data.nodes[id][7] > usual; });
    function fitNames() {
      var most = Math.max(usual, 15 / network.getScale());
      nodes.update(hubs.map(function (id) { return { id: id, font: { size: Math.min(data.nodes[id][7], most) } }; }));
    }
    network.on('zoom', fitNames);
    function select(id) {
      network.selectNodes([id]);
      network.focus(id, { scale: Math.max(network.getScale(), 0.9), animation: false });
      fitNames();
      tell(id);
    }
    function tell(id) {
      var node = data.nodes[id];
      facts.textContent = '';
      facts.appendChild(element('h3', node[1]));
      var kind = element('p', data.types[node[0]].label, 'network-kind');
      if (node[3]) { kind.appendChild(element('strong', node[3])); }
      facts.appendChild(kind);
      if (data.ids) { facts.appendChild(ways(id)); }
      var table = element('dl');
      for (var i = 0; i < node[8].length; i += 2) {
        table.appendChild(element('dt', data.keys[node[8][i]]));
        table.appendChild(element('dd', node[8][i + 1]));
      }
      facts.appendChild(table);
      var near = neighbours[id];
      facts.appendChild(element('h4', '直接关联 ' + near.length + ' 个'));
      var ties = element('ul');
      near.slice(0, 40).forEach(function (tie) {
        var item = element('li', tie[0] + ' ');
        var button = element('button', data.nodes[tie[1]][1]);
        button.type = 'button';
        button.addEventListener('click', function () { select(tie[1]); });
        item.appendChild(button);
        ties.appendChild(item);
      });
      if (near.length > 40) { ties.appendChild(element('li', '另有 ' + (near.length - 40) + ' 个')); }
      facts.appendChild(ties);
    }
    // links of a node, on a served page
    function ways(id) {
      var made = element('div', undefined, 'network-ways');
      function lead(text, address, name) {
        var link = element('a', text, name);
        link.href = address;
        made.appendChild(link);
      }
      (data.steps[id] || []).forEach(function (step) {
        lead(step[0], step[1] + '#' + data.ids[id], 'step ' + step[2]);
      });
      var profile = data.profiles[data.nodes[id][0]];
      if (profile) { lead('查看档案', profile.replace('{}', data.ids[id])); }
      if (data.walk) { lead('从此逐步展开', data.walk + data.ids[id]); }
      return made;
    }
    // after a step at a node, the node is selected again with its neighbours
    var before = data.ids ? data.ids.indexOf(decodeURIComponent(window.location.hash.slice(1))) : -1;
    if (before >= 0) {
      network.selectNodes([before]);
      network.fit({ nodes: [before].concat(neighbours[before].map(function (tie) { return tie[1]; })), animation: false });
      fitNames();
      tell(before);
    }
    network.on('click', function (event) { if (event.nodes.length) { tell(event.nodes[0]); } });
    search(select);
    document.getElementById('network-tools').addEventListener('click', function (event) {
      var action = event.target.getAttribute('data-zoom');
      var picture = event.target.getAttribute('data-picture');
      if (picture) { keep(picture, event.target); }
      if (action === 'all') { network.fit(); }
      if (action === 'in' || action === 'out') {
        network.moveTo({ scale: network.getScale() * (action === 'in' ? 1.5 : 1 / 1.5) });
      }
      fitNames();
    });
    status.hidden = true;
    box.setAttribute('data-ready', 'true');
    window.liangxin = { network: network, select: select };
  }

  // the SVG of the server, in which names of people are hidden, drawn as pixels
  function keep(address, button) {
    var image = new Image();
    button.disabled = true;
    function failed() {
      button.disabled = false;
      document.getElementById('network-count').textContent = '图片未能生成。请改用“存为 SVG”。';
    }
    image.onerror = failed;
    image.onload = function () {
      var canvas = document.createElement('canvas');
      // names are small in the file of many nodes, and must be legible in the pixels
      var scale = Math.min(data.nodes.length > 150 ? 5 : 2, 8000 / Math.max(image.naturalWidth, image.naturalHeight));
      canvas.width = Math.round(image.naturalWidth * scale);
      canvas.height = Math.round(image.naturalHeight * scale);
      canvas.getContext('2d').drawImage(image, 0, 0, canvas.width, canvas.height);
      canvas.toBlob(function (blob) {
        if (!blob) { failed(); return; }
        var link = document.createElement('a');
        link.href = URL.createObjectURL(blob);
        link.download = document.title + '.png';
        document.body.appendChild(link);
        link.click();
        link.remove();
        window.setTimeout(function () { URL.revokeObjectURL(link.href); }, 10000);
        button.disabled = false;
        document.getElementById('network-count').textContent = '已存为 ' + link.download;
      }, 'image/png');
    };
    image.src = address;
  }

  function search(select) {
    var found = [];
    var active = -1;
    function close() {
      list.hidden = true;
      active = -1;
      input.setAttribute('aria-expanded', 'false');
      input.removeAttribute('aria-activedescendant');
    }
    function choose(id) {
      input.value = data.nodes[id][1];
      close();
      select(id);
    }
    function move(to) {
      active = (to + found.length) % found.length;
      Array.prototype.forEach.call(list.children, function (option, i) {
        option.setAttribute('aria-selected', i === active ? 'true' : 'false');
      });
      input.setAttribute('aria-activedescendant', 'network-option-' + active);
      list.children[active].scrollIntoView({ block: 'nearest' });
    }
    function find() {
      var wanted = input.value.trim().toLowerCase();
      found = [];
      list.textContent = '';
      if (!wanted) { close(); return; }
      var starts = [];
      var holds = [];
      data.nodes.forEach(function (node, id) {
        var at = node[1].toLowerCase().indexOf(wanted);
        if (at === 0) { starts.push(id); } else if (at > 0) { holds.push(id); }
      });
      var all = starts.concat(holds);
      found = all.slice(0, MOST);
      found.forEach(function (id, i) {
        var option = element('li', data.nodes[id][1]);
        option.id = 'network-option-' + i;
        option.setAttribute('role', 'option');
        option.setAttribute('aria-selected', 'false');
        option.appendChild(element('span', data.types[data.nodes[id][0]].label));
        option.addEventListener('mousedown', function (event) { event.preventDefault(); choose(id); });
        list.appendChild(option);
      });
      if (!found.length) {
        close();
        document.getElementById('network-count').textContent = '图中没有名称含“' + input.value.trim() + '”的节点';
        return;
      }
      document.getElementById('network-count').textContent =
        '找到 ' + all.length + ' 个' + (all.length > MOST ? '，列出前 ' + MOST + ' 个' : '');
      list.hidden = false;
      input.setAttribute('aria-expanded', 'true');
      active = -1;
    }
    input.disabled = false;
    input.addEventListener('input', find);
    input.addEventListener('blur', close);
    input.addEventListener('keydown', function (event) {
      if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
        if (list.hidden) { find(); }
        if (found.length) { move(event.key === 'ArrowDown' ? active + 1 : (active < 0 ? 0 : active) - 1); }
        event.preventDefault();
      } else if (event.key === 'Enter') {
        if (!list.hidden && found.length) { choose(found[active < 0 ? 0 : active]); }
        event.preventDefault();
      } else if (event.key === 'Escape') {
        close();
      }
    });
  }

  // a served page has loaded the library; a file contains it
  if (window.vis) { start(window.vis); return; }
  if (typeof DecompressionStream === 'undefined') {
    fail('浏览器版本过低，无法绘制网络图。请改用内核为 Chromium 80 以上的浏览器打开本文件。');
    return;
  }
  var packed = atob(document.getElementById('network-library').textContent.trim());
  var bytes = new Uint8Array(packed.length);
  for (var i = 0; i < packed.length; i += 1) { bytes[i] = packed.charCodeAt(i); }
  new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))).text().then(function (source) {
    var script = document.createElement('script');
    // the policy has the hash of the text with plain line ends
    script.textContent = source.replace(/\r\n?/g, '\n');
    document.head.appendChild(script);
    var vis = window.vis;
    delete window.vis;
    start(vis);
  }).catch(function (error) {
    fail('网络图未能绘制：' + error.message + '。请刷新页面重试。');
  });
}());
