package follow

import (
	"bytes"
	"io"
	"io/fs"
	"os"
	"slices"
	"time"

	"why401/internal/engine"
	"why401/parsers"
)

// A generation is one file that a log's path has led to, from when it was opened
// to when it is quiet: rotated files have theirs next to the current one. It
// reads the file itself where there is a lot to read, or a doubt, and leaves it to
// a tailer while lines come one by one.
type generation struct {
	log   *logFile
	f     *os.File      // nil when only what was read is left
	copy  io.ReadCloser // a compressed copy, in place of f
	info  fs.FileInfo   // as last looked at
	track *track
	holder

	pos    int64  // where to read on
	mark   marker // the bytes before pos: other ones there mean another content
	handed int64  // where the next block starts

	tailer *tailer
	told   int64           // where the tailer's next line starts
	spare  []byte          // memory to exchange with the tailer
	gone   <-chan struct{} // of the last tailer: none may start before
	alone  bool            // no tailer can read this file
	order  byteOrder       // of a file in UTF-16, which no tailer can read either; else nil
	text   []byte          // of what was read of such a file

	more    bool      // there is something to read at pos
	current bool      // the log's path leads here
	left    time.Time // when it no longer did
	ended   bool
}

const (
	linger    = 30 * time.Second // how long a file that was rotated away must be quiet
	lingerNo  = 5 * time.Second  // the same for a deleted one: it takes space on the disk
	chunk     = 256 << 10        // bytes read at once
	backlog   = 256 << 10        // bytes that a tailer may be behind
	lastWords = 64 << 20         // bytes of a deleted file that are read while why401 ends
	longStart = 64 << 10         // bytes of a line without its end that a tailer may hold
)

// newGeneration reads f on from a place.
func newGeneration(l *logFile, f *os.File, info fs.FileInfo, t *track) (*generation, error) {
	g := &generation{log: l, f: f, info: info, track: t, pos: t.given.Offset, handed: t.given.Offset, more: true}
	g.grown = l.f.opt.now()
	t.live = true
	id, _ := identify(info)
	t.given.File = id
	g.order = orderOf(f)
	g.alone = g.order != nil
	before, header, err := around(f, g.pos, &g.mark, g.order)
	if err != nil {
		return nil, err
	}
	t.mark = g.mark
	t.start = make([]byte, min(headLen, g.pos))
	if _, err := f.ReadAt(t.start, 0); err != nil && len(t.start) > 0 {
		return nil, err
	}
	if unmarked(t.start) {
		l.warn(noMark)
	}
	g.mem = &l.f.mem
	g.cut = engine.NewLiveCutter(l.source, max(t.given.Line, 1), before, header)
	return g, nil
}

// around returns the text before a place, and the line in force that names columns; k gets
// the bytes before.
func around(f io.ReaderAt, at int64, k *marker, order byteOrder) (before, header []byte, err error) {
	if at == 0 {
		return nil, nil, nil
	}
	for _, from := range []int64{0, max(0, at-parsers.LookBehind-markLen)} {
		before = make([]byte, min(at-from, parsers.LookBehind+markLen))
		if _, err := f.ReadAt(before, from); err != nil {
			return nil, nil, err
		}
		*k = marker{}
		k.add(before)
		if order != nil {
			before, _ = narrow(nil, before, order)
		}
		lines := before
		if f, head, _ := parsers.FrameOf(lines); from == 0 && f == parsers.Table {
			header = bytes.TrimRight(lines[:head], "\r\n")
		}
		if from > 0 {
			_, lines, _ = bytes.Cut(lines, []byte{'\n'})
		}
		for line := range bytes.Lines(bytes.TrimPrefix(lines, []byte("\ufeff"))) {
			if parsers.IsHeader(line) {
				header = bytes.TrimRight(line, "\r\n")
			}
		}
	}
	if i := len(before) - parsers.LookBehind; i > 0 {
		_, before, _ = bytes.Cut(before[i:], []byte{'\n'})
	}
	return before, header, nil
}

// next fills b with what is ready.
func (g *generation) next(b *parsers.Block, now time.Time, all bool) bool {
	for {
		if g.hand(b, now, all) {
			g.note(b)
			return true
		}
		if !g.read(now) {
			return false
		}
	}
}

// idle reports whether there is nothing to hand out or to read.
func (g *generation) idle() bool {
	return !g.more && !g.tailing() && g.holding.IsZero() && !(g.ended && g.cut.Partial() > 0)
}

// note moves the place behind b.
func (g *generation) note(b *parsers.Block) {
	p := &g.track.given
	data := g.stored(b.Data)
	g.handed += int64(len(data))
	g.log.source.ModTime = g.info.ModTime()
	if b.Part <= 1 {
		p.grow(data)
	}
	g.track.mark.add(data)
	if g.cut.Within() {
		return // a long line or a document is read again as a whole, if at all
	}
	p.Offset, p.Line = g.handed, g.cut.Line()
	p.Mark = sumOf(g.track.mark.last())
	g.log.f.step(g.track, g.log.f.given+1)
}

// stored returns text that was handed out as it stands in the file.
func (g *generation) stored(text []byte) []byte {
	if g.order == nil {
		return text
	}
	var data []byte
	if g.handed == 0 {
		data = g.order.AppendUint16(data, bom)
	}
	return widen(data, text, g.order)
}

// read adds to the cutter what the tailer has, or what stands in the file.
func (g *generation) read(now time.Time) bool {
	if lines := g.lines(); len(lines) > 0 {
		if !matches(g.f, g.pos-int64(g.mark.n), sumOf(g.mark.last())) {
			g.truncated(lines, now)
			return false
		}
		return g.got(lines, now) > 0
	}
	if !g.more || g.ended {
		return false
	}
	if g.copy != nil {
		return g.readCopy(now)
	}
	buf := g.log.f.chunk[:]
	k := len(g.mark.last())
	n, err := g.f.ReadAt(buf, g.pos-int64(k))
	switch {
	case n < k || !bytes.Equal(buf[:k], g.mark.last()):
		if err != nil && err != io.EOF {
			g.more = false
			g.log.warn("cannot read on: " + plain(err))
			return false
		}
		g.truncated(g.lines(), now)
		return false // first what is left of the old content
	case n == k:
		g.more = false
		return false
	}
	g.more = n == len(buf)
	return g.got(buf[k:n], now) > 0
}

// lines returns what the tailer has got and the reader hasn't.
func (g *generation) lines() []byte {
	if !g.tailing() {
		return nil
	}
	if cap(g.spare) > 2*tailerRoom {
		g.spare = nil
	}
	g.spare = g.tailer.take(g.spare)
	lines := g.spare[min(max(0, g.pos-g.told), int64(len(g.spare))):]
	g.told += int64(len(g.spare))
	return lines
}

// got takes what stands at pos, and returns how much of it: half a character has to
// wait for its other half.
func (g *generation) got(p []byte, now time.Time) int {
	text, n := p, len(p)
	if g.pos == 0 {
		if len(p) == 1 && p[0] >= 0xfe { // half a byte order mark
			return 0
		}
		if g.order = orderIn(p); g.order != nil {
			g.stopTailer()
			g.alone = true
			text = p[bomLen:]
		} else if unmarked(p) {
			g.log.warn(noMark)
		}
	}
	if g.order != nil {
		skipped := len(p) - len(text)
		g.text, n = narrow(g.text[:0], text, g.order)
		text, n = g.text, n+skipped
	}
	g.add(text, now)
	g.mark.add(p[:n])
	if t := g.track; g.pos == int64(len(t.start)) && len(t.start) < headLen {
		t.start = append(t.start, p[:min(n, headLen-len(t.start))]...)
	}
	g.pos += int64(n)
	return n
}

func (g *generation) readCopy(now time.Time) bool {
	n, err := g.copy.Read(g.log.f.chunk[:])
	g.got(g.log.f.chunk[:n], now)
	if err != nil {
		g.end()
		if err != io.EOF {
			g.log.warn("cannot read its compressed copy: " + plain(err))
		}
	}
	return true
}

// stale reports whether lines, which a tailer has read behind pos while the file was
// truncated, stand there in what the file holds now or held for a while.
func (g *generation) stale(lines []byte, between []*generation) bool {
	first := lines[:min(len(lines), markLen)]
	for _, o := range append(between[:len(between):len(between)], g) {
		if o.f != nil && matches(o.f, g.pos, sumOf(first)) {
			return true
		}
	}
	return false
}

// check looks at the file, as info shows it now or, without one, as it is, and
// says whether it has grown.
func (g *generation) check(info fs.FileInfo, now time.Time) (grew bool) {
	if g.f == nil || g.ended {
		return false
	}
	if info == nil {
		var err error
		if info, err = g.f.Stat(); err != nil {
			g.log.warn("cannot look at it: " + plain(err))
			return false
		}
	}
	size := info.Size()
	if size < g.pos || (size != g.info.Size() || !info.ModTime().Equal(g.info.ModTime())) && !g.more && !g.tailing() && !matches(g.f, g.pos-int64(g.mark.n), sumOf(g.mark.last())) {
		g.info = info
		g.truncated(g.lines(), now)
		return true
	}
	grew = size > g.info.Size()
	g.info = info
	g.tend(size)
	if g.idle() {
		g.cut.Shrink()
	}
	return grew || g.more
}

// tailing reports whether lines wait in the tailer.
func (g *generation) tailing() bool { return g.tailer != nil && g.tailer.full.Load() }

// tend starts, helps and stops the tailer.
func (g *generation) tend(size int64) {
	switch t := g.tailer; {
	case t == nil && size > g.pos:
		g.more = true
	case t == nil && g.current && !g.more && !g.alone && g.cut.Partial() < longStart && g.released():
		g.start()
	case t == nil:
	case t.full.Load() && size-g.pos < backlog:
		// it is at work
	case t.over.Load() || !g.current || size-g.pos >= backlog || g.cut.Partial() >= longStart:
		g.stopTailer()
		g.more = true
	case size > g.pos: // it has missed the notice, or is about to get it
		g.more = true
	}
}

func (g *generation) start() {
	poll := g.log.f.opt.Poll
	name := descriptorPath(g.f, poll)
	if name == "" {
		g.alone = true
		return
	}
	t, err := startTailer(name, g.pos, poll, g.log.f.poke)
	if err != nil {
		g.alone = true
		return
	}
	g.tailer, g.told, g.gone = t, g.pos, t.gone
}

// released reports whether a tailer may start.
func (g *generation) released() bool {
	if g.gone == nil {
		return true
	}
	select {
	case <-g.gone:
		return true
	default:
		return false
	}
}

func (g *generation) stopTailer() {
	if g.tailer != nil {
		g.tailer.halt()
		g.tailer = nil
	}
}

// truncated begins the file anew: its old content is gone, but for what was read
// and for a copy that rotation may have made before. The lines are those that a tailer
// has read since.
func (g *generation) truncated(lines []byte, now time.Time) {
	g.stopTailer()
	l := g.log
	old := g.track
	old.live, old.cut, old.given.File = false, true, inode{}
	older := l.catchUp(now, g)
	if !old.live { // there is no copy: what was read goes out
		old.live = true
		if len(lines) > 0 && !g.stale(lines, older) {
			g.got(lines, now)
		}
		g.cut.End()
		older = append(older, &generation{log: l, info: g.info, track: old, holder: g.holder, handed: g.handed, order: g.order, ended: true, left: now})
	}
	l.gens = slices.Insert(l.gens, slices.Index(l.gens, g), older...)
	id, _ := identify(g.info)
	g.track = l.f.newTrack(place{Path: l.path, File: id, Seen: l.near.since})
	g.track.live = true
	g.cut = engine.NewLiveCutter(l.source, 1, nil, nil)
	g.pos, g.handed, g.told, g.mark, g.more, g.holding = 0, 0, 0, marker{}, true, time.Time{}
	g.order, g.alone = nil, false
}

// nameless reports whether the file was deleted, so that no later run can read what is
// left of it, and it isn't long.
func (g *generation) nameless() bool {
	if g.f == nil {
		return false
	}
	info, err := g.f.Stat()
	if err != nil {
		return false
	}
	_, links := identify(info)
	return links == 0 && info.Size()-g.pos < lastWords
}

// end says that nothing more comes: a last line without its end goes out.
func (g *generation) end() {
	g.cut.End()
	g.ended, g.more = true, false
}

// finished reports whether the generation can go: its file was rotated away and
// has been quiet.
func (g *generation) finished(now time.Time) bool {
	if g.current || g.more || g.tailing() || !g.ended && !g.holding.IsZero() {
		return false
	}
	if !g.ended {
		wait := linger
		if _, links := identify(g.info); links == 0 {
			wait = lingerNo
		}
		if now.Sub(g.left) < wait || now.Sub(g.grown) < wait {
			return false
		}
		g.end()
	}
	return g.cut.Partial() == 0
}

// close lets the file go, once its tailer has.
func (g *generation) close() {
	g.stopTailer()
	g.track.live = false
	if g.copy != nil {
		g.copy.Close()
	}
	if g.f == nil {
		return
	}
	if g.gone == nil || g.released() {
		g.f.Close()
		return
	}
	f, gone := g.f, g.gone
	go func() { <-gone; f.Close() }()
}
