package follow

import (
	"bytes"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"why401/internal/engine"
	"why401/parsers"
)

// Nearby is what a log knows of the files next to it, to which it may have been
// rotated.
type nearby struct {
	since   time.Time // until then nothing was missed: files of later may be the log's
	looked  bool      // foreign is known
	foreign []sum     // first bytes of files that were there before: nobody asked for them
	target  string    // where the path leads to, if it is a link: files next to it count too
	stamps  [2]time.Time
	again   time.Time // when to look again, as not all was certain; else zero
}

const coarse = 2 * time.Second // between the times of files that some file systems tell apart

// catchUp opens what is left of the files that the path led to before: while nobody
// looked they may have grown, been renamed, copied and compressed, and others may have
// come and gone. Where cut is given, its file was truncated: the rest of what stood in
// it is in a copy, if anywhere.
func (l *logFile) catchUp(now time.Time, cut *generation) (older []*generation) {
	stamps := l.folders()
	since := l.near.since.Add(-coarse)
	unclear := false
	for _, s := range l.siblings() {
		recent := !s.info.ModTime().Before(since)
		if !recent && l.near.looked && !l.wanting() {
			continue
		}
		g, ok := l.inspect(s, recent, cut, now)
		if g != nil {
			g.left = now
			older = append(older, g)
			if g.track.cut {
				g.track.cut, cut = false, nil
			}
		}
		unclear = unclear || !ok
	}
	l.near.looked, l.near.stamps, l.near.again = true, stamps, time.Time{}
	if unclear || within(now, stamps[0]) || within(now, stamps[1]) {
		l.near.again = now.Add(pace) // files can be renamed while a folder is read, or be copies in the making
		return older
	}
	l.near.since = now
	for _, t := range l.f.tracks {
		if t.given.Path == l.path && t.wanting() && !t.live {
			t.given.Done = true
			l.f.step(t, l.f.given)
			if !t.cut {
				l.warn("the file that was read last is gone: lines written to it since are lost")
			}
		}
	}
	return older
}

// within reports whether something may still go on that was seen at this time.
func within(now, t time.Time) bool {
	d := now.Sub(t)
	return -coarse < d && d < coarse
}

// begin finds out since when files next to the log may be its own.
func (l *logFile) begin(now time.Time) {
	if l.near.looked {
		return
	}
	var seen time.Time
	for _, t := range l.f.tracks {
		if t.given.Path == l.path && t.given.Seen.After(seen) {
			seen = t.given.Seen
		}
	}
	switch {
	case !seen.IsZero():
		l.near.since = seen
	case l.fromEnd || l.near.since.IsZero():
		l.near.since = now.Add(coarse) // none is
	}
}

// doubtful reports whether something may have happened that the log's file doesn't
// show: of one that nothing was read of one can't tell whether it was truncated.
func (l *logFile) doubtful(now time.Time) bool {
	switch {
	case !l.near.looked:
		return false
	case !l.near.again.IsZero():
		return !now.Before(l.near.again)
	}
	return l.current != nil && l.current.pos == 0 && l.folders() != l.near.stamps
}

// assure notes that nothing was missed up to now, if that is certain.
func (l *logFile) assure(now time.Time) {
	if g := l.current; l.near.again.IsZero() && g.pos > 0 && !g.more && !g.tailing() {
		l.near.since, g.track.given.Seen = now, now
	}
}

// wanting reports whether there may be more of a file than was read, anywhere.
func (t *track) wanting() bool { return !t.given.Done && (t.cut || !t.live && t.given.Offset > 0) }

func (l *logFile) wanting() bool {
	for _, t := range l.f.tracks {
		if t.given.Path == l.path && t.wanting() {
			return true
		}
	}
	return false
}

// folders returns when files last came to and went from where the log's are.
func (l *logFile) folders() (stamps [2]time.Time) {
	for i, path := range []string{l.path, l.near.target} {
		if info, err := os.Stat(filepath.Dir(path)); err == nil && path != "" {
			stamps[i] = info.ModTime()
		}
	}
	return stamps
}

// siblings returns the files that the log may have been rotated to, by age; of a file
// and its compressed copy, which may not be whole yet, the file.
func (l *logFile) siblings() []sibling {
	if info, err := os.Lstat(l.path); err == nil && info.Mode()&fs.ModeSymlink != 0 {
		if target, err := filepath.EvalSymlinks(l.path); err == nil {
			l.near.target = target
		}
	}
	list := rotated(l.path)
	if l.near.target != "" {
		list = append(list, rotated(l.near.target)...)
	}
	plain := map[string]bool{}
	for _, s := range list {
		plain[s.name] = !s.compressed()
	}
	kept := list[:0]
	for _, s := range list {
		if !s.compressed() || !plain[strings.TrimSuffix(s.name, filepath.Ext(s.name))] {
			kept = append(kept, s)
		}
	}
	return kept
}

// inspect finds out what a file next to the log is, and reads it if the log's path
// led to it and something of it wasn't read. It isn't ok where that can't be told yet.
func (l *logFile) inspect(s sibling, recent bool, cut *generation, now time.Time) (g *generation, ok bool) {
	if l.f.reading(s.info) != nil {
		return nil, true
	}
	head := firstOf(s.name)
	if info, err := os.Stat(s.name); err != nil || !os.SameFile(info, s.info) {
		return nil, false
	}
	if len(head) == 0 {
		return nil, !within(now, s.info.ModTime())
	}
	if cut != nil && cut.track.begins(head) {
		if g := cut.onto(s, now); g != nil {
			return g, true
		}
	}
	id, _ := identify(s.info)
	known := false
	for _, t := range l.f.tracks {
		p := &t.given
		if p.File != id && !l.owns(p.Path) || !t.begins(head) {
			continue
		}
		known = true
		if !t.live && (!p.Done || !s.compressed() && s.info.Size() > p.Offset) {
			if g := l.goOn(s, t); g != nil {
				return g, true
			}
		}
	}
	switch {
	case known || l.isForeign(head) || l.reads(head):
		return nil, true
	case !recent:
		if !l.near.looked && !s.compressed() {
			l.near.foreign = append(l.near.foreign, sumOf(head))
		}
		return nil, true
	case l.holds(head):
		return nil, false // a copy, or one in the making: it matters when the file is truncated
	}
	if c := l.current; c != nil && c.pos == 0 && c.f != nil {
		c.stopTailer() // what it has read may stand in s now
		c.more = true
	}
	return l.goOn(s, l.f.newTrack(place{Path: l.path, File: id, Line: 1, Seen: l.near.since})), true
}

// begins reports whether a file with these first bytes may be the one of t, or a copy
// of it.
func (t *track) begins(head []byte) bool {
	if n := min(len(t.start), len(head)); n > 0 {
		return bytes.Equal(t.start[:n], head[:n])
	}
	h := t.given.Head
	if h.Len > len(head) {
		h = t.given.First
	}
	return h.Len > 0 && h.Len <= len(head) && sumOf(head[:h.Len]) == h
}

func (l *logFile) isForeign(head []byte) bool {
	for _, h := range l.near.foreign {
		if h.Len <= len(head) && sumOf(head[:h.Len]) == h {
			return true
		}
	}
	return false
}

// firstOf returns the first bytes of a file, decompressed.
func firstOf(name string) []byte {
	in, err := engine.Unpack(name)
	if err != nil {
		return nil
	}
	defer in.Close()
	head := make([]byte, headLen)
	n, _ := io.ReadFull(in, head)
	return head[:n]
}

// holds reports whether the file that the path leads to now begins with head.
func (l *logFile) holds(head []byte) bool { return bytes.HasPrefix(firstOf(l.path), head) }

// reads reports whether a file begins with head that is still read, and that the path
// no longer leads to.
func (l *logFile) reads(head []byte) bool {
	start := make([]byte, len(head))
	for _, other := range l.f.logs {
		if !l.owns(other.path) {
			continue
		}
		for _, g := range other.gens {
			if g.f != nil && g != l.current {
				if n, _ := g.f.ReadAt(start, 0); bytes.Equal(start[:n], head) {
					return true
				}
			}
		}
	}
	return false
}

// owns reports whether a path is the log's, or one of a file that it was rotated to.
func (l *logFile) owns(path string) bool { return path == l.path || isRotated(l.path, path) }

// goOn reads a file on from the place of a track, nil if it isn't one of its.
func (l *logFile) goOn(s sibling, t *track) *generation {
	if s.compressed() {
		return l.readCopy(s, t)
	}
	file, err := os.Open(s.name)
	if err != nil {
		return nil
	}
	if t.given.in(file, s.info.Size()) {
		if g, err := newGeneration(l, file, s.info, t); err == nil {
			return g
		}
	}
	file.Close()
	return nil
}

// readCopy reads a compressed copy on, if it is one of the track's file.
func (l *logFile) readCopy(s sibling, t *track) *generation {
	in, err := engine.Unpack(s.name)
	if err != nil {
		return nil
	}
	g := &generation{log: l, copy: in, info: s.info, track: t, pos: t.given.Offset, handed: t.given.Offset, more: true}
	g.grown = l.f.opt.now()
	var ends edges
	if g.pos > 0 {
		k, ok := t.given.skip(io.TeeReader(in, &ends))
		if !ok {
			in.Close()
			return nil
		}
		t.mark, t.start = k, ends.first[:min(headLen, g.pos)]
		g.order = orderIn(ends.first)
	}
	before, header, err := around(&ends, g.pos, &g.mark, g.order)
	if err != nil {
		in.Close()
		return nil
	}
	t.live = true
	g.mem = &l.f.mem
	g.cut = engine.NewLiveCutter(l.source, max(t.given.Line, 1), before, header)
	return g
}

// An edges remembers the first and the last bytes that were written to it, as around
// asks for them.
type edges struct {
	first, last []byte
	n           int64
}

const edge = parsers.LookBehind + markLen

func (e *edges) Write(p []byte) (int, error) {
	e.n += int64(len(p))
	e.first = append(e.first, p[:min(len(p), edge-len(e.first))]...)
	e.last = append(e.last, p[max(0, len(p)-edge):]...)
	e.last = e.last[:copy(e.last, e.last[max(0, len(e.last)-edge):])]
	return len(p), nil
}

func (e *edges) ReadAt(p []byte, at int64) (int, error) {
	from, start := e.first, int64(0)
	if at+int64(len(p)) > int64(len(e.first)) {
		from, start = e.last, e.n-int64(len(e.last))
	}
	if at < start || copy(p, from[at-start:]) < len(p) {
		return 0, io.ErrUnexpectedEOF
	}
	return len(p), nil
}

// onto returns a generation that goes on, where the reading of g stands, in a copy of
// what was its file's content; nil if s is none.
func (g *generation) onto(s sibling, now time.Time) *generation {
	at := place{Offset: g.pos, Head: sumOf(g.track.start), Mark: sumOf(g.mark.last())}
	rest := &generation{log: g.log, info: s.info, track: g.track, holder: g.holder, pos: g.pos, mark: g.mark, handed: g.handed, order: g.order, alone: true, more: true}
	rest.grown = now
	if s.compressed() {
		in, err := engine.Unpack(s.name)
		if err != nil {
			return nil
		}
		if _, ok := at.skip(in); !ok {
			in.Close()
			return nil
		}
		rest.copy = in
	} else {
		file, err := os.Open(s.name)
		if err != nil {
			return nil
		}
		if !at.in(file, s.info.Size()) {
			file.Close()
			return nil
		}
		rest.f = file
		g.track.given.File, _ = identify(s.info)
	}
	g.track.live = true
	return rest
}
