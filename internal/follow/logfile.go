package follow

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"syscall"
	"time"

	"why401/parsers"
)

// A logFile is one path and the files that it leads to, one after another.
type logFile struct {
	f      *Follower
	name   string // as given or found
	path   string // absolute
	source *parsers.Source
	named  bool // by hand, not found by a pattern

	gens    []*generation // by age; what the older ones have goes first
	current *generation   // where path leads to, or led to last
	missing bool          // path leads nowhere
	pipe    bool          // path leads to a FIFO, which is read elsewhere
	fromEnd bool          // what is there at the start is not read
	near    nearby

	due    time.Time // when to look again
	hot    time.Time // until when to look often
	failed bool      // nobody could look at path
	said   string    // the last warning
}

const (
	pace     = 100 * time.Millisecond // between looks at a log
	hotPace  = 10 * time.Millisecond  // while it is being rotated
	calmPace = 250 * time.Millisecond // while a tailer has nothing to tell
	calm     = 5 * time.Second
	slowPace = time.Second // while it can't be read
	hotTime  = 3 * time.Second
	startup  = 2 * time.Second // that starting may take, on a busy machine
)

// check looks where the path leads to and what has happened to its files.
func (l *logFile) check(now time.Time) {
	l.due = now.Add(pace)
	info, err := os.Stat(l.path)
	same := false // the path leads where it led
	switch {
	case err == nil && l.current != nil && os.SameFile(info, l.current.info):
		if l.failed {
			l.said = ""
		}
		l.missing, l.failed, same = false, false, true
	case err == nil:
		l.lead(info, now)
		info = nil
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		if !l.missing {
			l.hot = now.Add(hotTime)
		}
		l.missing, l.fromEnd = true, false
		if !l.named {
			l.leave(now) // nobody asked for this one: it may be gone for good
		}
	default:
		l.failed = true
		l.warn("cannot read it, will try again: " + plain(err))
		l.due = now.Add(slowPace)
	}
	for i := 0; i < len(l.gens); i++ {
		g := l.gens[i]
		seen := info
		if g != l.current || err != nil {
			seen = nil
		}
		if g.check(seen, now) && g.tailer == nil {
			l.hot = now.Add(hotTime)
		}
		for l.gens[i] != g {
			i++ // a truncation put others before it
		}
	}
	if l.doubtful(now) {
		l.gens = append(l.catchUp(now, nil), l.gens...)
	}
	if same {
		l.assure(now)
	}
	l.retire(now)
	switch {
	case now.Before(l.hot):
		l.due = now.Add(min(hotPace*time.Duration(1+len(l.f.logs)/30), pace))
	case len(l.gens) == 1 && l.current != nil && l.current.tailer != nil && now.Sub(l.current.grown) > calm:
		l.due = now.Add(calmPace)
	}
}

// lead opens the file that the path leads to now.
func (l *logFile) lead(info fs.FileInfo, now time.Time) {
	if !l.suitable(info, now) {
		return
	}
	for _, g := range l.gens { // renamed away and back
		if g.f != nil && os.SameFile(info, g.info) {
			l.leave(now)
			g.current, l.current = true, g
			return
		}
	}
	if other := l.f.reading(info); other != nil {
		l.warn("is " + other.name + " under another name: read once")
		l.due = now.Add(slowPace)
		return
	}
	file, err := os.Open(l.path)
	if err == nil {
		info, err = file.Stat()
	}
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			l.warn("cannot read it, will try again: " + plain(err))
			l.due = now.Add(slowPace)
		}
		return
	}
	if !info.Mode().IsRegular() {
		file.Close()
		return
	}
	if packed(file) {
		file.Close()
		l.warn("is compressed, and such files don't grow; why401 report reads it")
		l.due = now.Add(slowPace)
		return
	}
	l.leave(now)
	l.hot = now.Add(hotTime)
	l.begin(now)
	g, err := l.resume(file, info)
	if err != nil {
		file.Close()
		l.warn("cannot read it, will try again: " + plain(err))
		return
	}
	g.current, l.current = true, g
	l.gens = append(append(l.gens, l.catchUp(now, nil)...), g)
	l.missing, l.fromEnd, l.said = false, false, ""
}

// packed reports whether a file is compressed, with gzip, zstd or bzip2.
func packed(f *os.File) bool {
	var head [4]byte
	n, _ := f.ReadAt(head[:], 0)
	for _, magic := range []string{"\x1f\x8b", "\x28\xb5\x2f\xfd", "BZh"} {
		if strings.HasPrefix(string(head[:n]), magic) {
			return true
		}
	}
	return false
}

// suitable says whether a file can be followed.
func (l *logFile) suitable(info fs.FileInfo, now time.Time) bool {
	switch mode := info.Mode(); {
	case mode.IsRegular():
		return true
	case mode.IsDir():
		l.warn("is a folder now; waiting for a file")
	case mode&fs.ModeNamedPipe != 0:
		l.f.addPipe(l)
	default:
		l.warn("is neither a file nor a pipe; waiting for one")
	}
	l.due = now.Add(slowPace)
	return false
}

// leave says that the path leads to another file now.
func (l *logFile) leave(now time.Time) {
	if l.current != nil {
		l.current.current, l.current.left = false, now
		l.current.stopTailer()
		l.current.more = true // whatever came since the last look
		l.current = nil
	}
}

// resume reads the file that the path leads to: on from where it was left, or
// from the start, or from the end.
func (l *logFile) resume(file *os.File, info fs.FileInfo) (*generation, error) {
	id, _ := identify(info)
	for _, t := range l.f.tracks {
		p := &t.given
		same := p.File == id && id != (inode{})
		if t.live || !same && !(p.Path == l.path && p.firm()) {
			continue
		}
		if p.in(file, info.Size()) {
			p.Path, p.Done = l.path, false
			l.f.step(t, l.f.given)
			return newGeneration(l, file, info, t)
		}
	}
	p := place{Path: l.path, File: id, Line: 1, Seen: l.near.since}
	if l.fromEnd {
		if err := p.seekEnd(l.f.ctx, file, info.Size()); err != nil {
			return nil, err
		}
	}
	t := l.f.newTrack(p)
	return newGeneration(l, file, info, t)
}

// retire lets go of files that were rotated away and are quiet.
func (l *logFile) retire(now time.Time) {
	kept := l.gens[:0]
	for _, g := range l.gens {
		if !g.finished(now) {
			kept = append(kept, g)
			continue
		}
		g.close()
		if !g.track.cut {
			g.track.given.Done = true
			l.f.step(g.track, l.f.given)
		}
	}
	clear(l.gens[len(kept):])
	l.gens = kept
}

// warn says something about the log, once.
func (l *logFile) warn(msg string) {
	if msg != l.said {
		l.said = msg
		l.f.warn(l.name + ": " + msg)
	}
}

// plain is an error without the path that it names.
func plain(err error) string {
	if pe := (*fs.PathError)(nil); errors.As(err, &pe) {
		return pe.Err.Error()
	}
	return err.Error()
}
