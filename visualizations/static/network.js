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

  // node: [type, name, drawn label, mark, x, y, size, font size, facts]
  var neighbours = data.nodes.map(function () { return []; });
  data.edges.forEach(function (edge) {
    neighbours[edge[0]].push([data.relations[edge[2]] + ' →', edge[1]]);
    neighbours[edge[1]].push(['← ' + data.relations[edge[2]], edge[0]]);
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
    return {
      id: id, label: node[2] || node[1], title: plain(type.label + '：' + node[1].slice(0, 80)),
      shape: type.shape, x: node[4], y: node[5], size: node[6], borderWidth: node[3] ? 8 : 1,
      font: { size: node[7] },
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
        var a = data.nodes[edge[0]];
        var b = data.nodes[edge[1]];
        if (Math.abs(a[4] - b[4]) + Math.abs(a[5] - b[5]) > data.far) { made.color = { color: '#e4e9ed' }; }
        return made;
      }))
    }, data.options);
    // names of hubs are large enough for the whole view; nearer, they stay as large on the screen, not larger
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
      facts.appendChild(element('h4', node[1]));
      var kind = element('p', data.types[node[0]].label, 'network-kind');
      if (node[3]) { kind.appendChild(element('strong', node[3])); }
      facts.appendChild(kind);
      var table = element('dl');
      for (var i = 0; i < node[8].length; i += 2) {
        table.appendChild(element('dt', data.keys[node[8][i]]));
        table.appendChild(element('dd', node[8][i + 1]));
      }
      facts.appendChild(table);
      var near = neighbours[id];
      facts.appendChild(element('h5', '直接关联 ' + near.length + ' 个'));
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
    network.on('click', function (event) { if (event.nodes.length) { tell(event.nodes[0]); } });
    search(select);
    document.getElementById('network-tools').addEventListener('click', function (event) {
      var action = event.target.getAttribute('data-zoom');
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

  // a served page has loaded the library; a file carries it
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
    // the hash in the policy is that of the text with plain line ends
    script.textContent = source.replace(/\r\n?/g, '\n');
    document.head.appendChild(script);
    var vis = window.vis;
    delete window.vis;
    start(vis);
  }).catch(function (error) {
    fail('网络图未能绘制：' + error.message + '。请刷新页面重试。');
  });
}());
