package follow

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"why401/internal/engine"
	"why401/parsers"
)

// Places are how far runs that don't follow have read files. As JSON they hold names
// of files, and nothing of what stands in them.
type Places struct {
	left []left
	run  run
}

// A run is what Places know of the run under way.
type run struct {
	now   time.Time
	taken []bool           // places whose files were found
	seen  []*left          // of the files that were looked at
	open  map[string]*left // by the name of the log that is read
	args  map[string]bool  // absolute paths of the logs that are asked for
	files []*os.File
}

// left is where one run left a file to the next.
type left struct {
	place
	Size     int64     `json:"size"` // as stored
	Modified time.Time `json:"modified"`
	Text     bool      `json:"text,omitempty"` // Offset counts text that was unpacked, decoded or no plain lines

	old    place // what is kept if the run doesn't read the file
	was    bool  // there is an old one
	part   engine.Part
	unread bool
}

const (
	maxPlaces = 10_000
	forgotten = 90 * 24 * time.Hour // after which a file that isn't there any more is
	maxOpen   = 500                 // files that are held open from planning to reading
)

func (p *Places) MarshalJSON() ([]byte, error) { return json.Marshal(p.left) }

func (p *Places) UnmarshalJSON(data []byte) error {
	if err := json.Unmarshal(data, &p.left); err != nil {
		return err
	}
	for i := range p.left {
		if !p.left[i].valid() {
			return fmt.Errorf("place %d is none", i+1)
		}
	}
	return nil
}

// Unread returns what of logs wasn't read by earlier runs: parts of files, files that
// are new, and files that a log was rotated to since. A line that isn't complete is
// left for the next run. now is the time of this run. Read or Close comes after it.
func (p *Places) Unread(logs []engine.Log, now time.Time, warn func(string)) (unread []engine.Log) {
	p.run = run{now: now, taken: make([]bool, len(p.left)), open: map[string]*left{}, args: map[string]bool{}}
	for i := range logs {
		p.run.args[absolute(logs[i].Name)] = true
	}
	moved := map[string]string{} // names of logs by path
	for _, log := range logs {
		info, err := os.Stat(log.Name)
		if log.Name == "-" || log.Program != nil || err != nil || !info.Mode().IsRegular() {
			unread = append(unread, log)
			continue
		}
		path := absolute(log.Name)
		l := p.look(log.Name, info, time.Time{})
		if l == nil {
			unread = append(unread, log) // reading it says why
			continue
		}
		if !l.was || l.old.Path != path {
			moved[path] = log.Name
			unread = append(unread, p.between(log.Name, info)...)
		}
		if l.unread {
			unread = append(unread, p.take(log, l))
		}
	}
	for i := range p.left {
		if l := &p.left[i]; !p.run.taken[i] && moved[l.Path] != "" && l.Offset > 0 {
			warn(moved[l.Path] + ": the file that was read last is gone: lines written to it since are lost")
			p.run.taken[i] = true
		}
	}
	return unread
}

// take returns the part of log that l says.
func (p *Places) take(log engine.Log, l *left) engine.Log {
	p.run.open[log.Name], log.Part = l, &l.part
	return log
}

// between returns the rest of the file that a log's path led to at the last run, and
// the files that it led to since. The path leads to the file of info now.
func (p *Places) between(name string, info fs.FileInfo) (unread []engine.Log) {
	path := absolute(name)
	var since time.Time
	for i := range p.left {
		if p.left[i].Path == path && p.left[i].Seen.After(since) {
			since = p.left[i].Seen
		}
	}
	if since.IsZero() {
		return nil // never read
	}
	for _, s := range rotated(path) {
		if p.run.args[s.name] || os.SameFile(s.info, info) {
			continue
		}
		log := engine.Log{Name: filepath.Join(filepath.Dir(name), filepath.Base(s.name))}
		if l := p.look(log.Name, s.info, since); l != nil && l.unread {
			unread = append(unread, p.take(log, l))
		}
	}
	return unread
}

// look finds out what is unread of a file. It returns nil for one that can't be looked
// at, and for one that is new and wasn't changed after since.
func (p *Places) look(name string, info fs.FileInfo, since time.Time) *left {
	file, err := os.Open(name)
	if err != nil {
		return nil
	}
	id, _ := identify(info)
	l := &left{place: place{Path: absolute(name), File: id, Line: 1, Seen: p.run.now}, Size: info.Size(), Modified: info.ModTime(), unread: true}
	l.part.File = file
	i := p.find(name, file, info)
	switch {
	case i >= 0:
		was := &p.left[i]
		p.run.taken[i] = true
		l.old, l.was = was.place, true
		l.Offset, l.Line, l.Head, l.Mark, l.Text = was.Offset, was.Line, was.Head, was.Mark, was.Text
		still := was.Size == l.Size && was.Modified.Equal(l.Modified)
		if still && was.File == id && (was.Text || was.Offset == l.Size || !p.isOld(l.Path)) {
			l.unread = false
		} else if err = l.plan(still); err != nil {
			l = nil
		}
	case info.ModTime().Before(since.Add(-hotPace)):
		l = nil
	default:
		if err = l.plan(false); err != nil {
			l = nil
		}
	}
	if l == nil || !l.unread || len(p.run.files) >= maxOpen {
		file.Close()
		if l != nil {
			l.part.File = nil
		}
	} else {
		p.run.files = append(p.run.files, file)
	}
	if l != nil {
		p.run.seen = append(p.run.seen, l)
	}
	return l
}

// isOld reports whether a path looks like one that a log was rotated to.
func (p *Places) isOld(path string) bool {
	for name := range p.run.args {
		if isRotated(name, path) {
			return true
		}
	}
	return slices.ContainsFunc(p.left, func(l left) bool { return isRotated(l.Path, path) })
}

// plan sets the part to read, and the place behind it where that is known before. still
// says that the file hasn't changed since the last run: so its last line is complete.
func (l *left) plan(still bool) error {
	file := l.part.File
	l.part.Offset, l.part.Line = l.Offset, l.Line
	if l.Text = wrapped(file); l.Text {
		return nil
	}
	head := make([]byte, 64<<10)
	n, _ := file.ReadAt(head, 0)
	if frame, _, _ := parsers.FrameOf(head[:n]); frame != parsers.Lines { // it doesn't grow by lines
		l.Text = true
		l.part.Offset, l.part.Line = 0, 1
		return nil
	}
	end := l.Size
	if !still {
		var err error
		if end, err = lastEnd(file, l.Offset, l.Size); err != nil {
			return err
		}
	}
	if end == l.Offset {
		l.unread = false
		return nil
	}
	var k marker
	before, header, err := around(file, l.Offset, &k, nil)
	if err != nil {
		return err
	}
	l.part.Before, l.part.Header, l.part.End = before, header, end
	l.Offset = end
	return l.remember(file)
}

// lastEnd returns the end of the last complete line between two offsets of a file.
func lastEnd(file io.ReaderAt, from, to int64) (int64, error) {
	buf := make([]byte, chunk)
	for at := to; at > from; {
		n := min(int64(len(buf)), at-from)
		if _, err := file.ReadAt(buf[:n], at-n); err != nil {
			return 0, err
		}
		if i := bytes.LastIndexByte(buf[:n], '\n'); i >= 0 {
			return at - n + int64(i) + 1, nil
		}
		at -= n
	}
	return from, nil
}

// wrapped reports whether a file must be unpacked or decoded to be read.
func wrapped(file *os.File) bool { return packed(file) || orderOf(file) != nil }

// find returns the place at which a file was left, -1 if it is new.
func (p *Places) find(name string, file *os.File, info fs.FileInfo) int {
	id, _ := identify(info)
	path := absolute(name)
	pack := wrapped(file)
	for i := range p.left {
		l := &p.left[i]
		if l.File == id && id != (inode{}) && (l.Size == info.Size() && l.Modified.Equal(info.ModTime()) && l.Text ||
			!pack && !l.Text && l.in(file, info.Size())) {
			return i
		}
	}
	best := -1
	var head []byte
	for i := range p.left {
		l := &p.left[i]
		if l.Head.Len == 0 || best >= 0 && p.left[best].Offset >= l.Offset {
			continue
		}
		if head == nil {
			head = headOf(name)
		}
		if l.Head.Len > len(head) || sumOf(head[:l.Head.Len]) != l.Head || l.Head.Len < 256 && !p.kin(l.Path, path) {
			continue
		}
		if pack && l.holds(name) || !pack && l.in(file, info.Size()) {
			best = i
		}
	}
	return best
}

// kin reports whether two paths are those of one log, rotated or not.
func (p *Places) kin(a, b string) bool {
	if a == b || isRotated(a, b) {
		return true
	}
	for log := range p.run.args {
		if (a == log || isRotated(log, a)) && (b == log || isRotated(log, b)) {
			return true
		}
	}
	return false
}

// headOf returns the first bytes of a file's text.
func headOf(name string) []byte {
	in, err := (&engine.Log{Name: name}).Open()
	if err != nil {
		return []byte{}
	}
	defer in.Close()
	head := make([]byte, headLen)
	n, _ := io.ReadFull(in, head)
	return head[:n]
}

// holds reports whether a packed file holds what was read up to the place.
func (l *left) holds(name string) bool {
	in, err := (&engine.Log{Name: name}).Open()
	if err != nil {
		return false
	}
	defer in.Close()
	_, ok := l.skip(in)
	return ok
}

// Read takes over how far a run has read, as stats tell. What it didn't read at all is
// as unread as before.
func (p *Places) Read(stats *engine.Stats) {
	files := map[string]*engine.FileStats{}
	for i := range stats.Files {
		files[stats.Files[i].Name] = &stats.Files[i]
	}
	for name, l := range p.run.open {
		l.read(name, files[name])
	}
	var next []left
	for _, l := range p.run.seen {
		if l.Path != "" {
			next = append(next, *l)
		}
	}
	for i := range p.left {
		if l := &p.left[i]; !p.run.taken[i] && p.run.now.Sub(l.Seen) < forgotten {
			next = append(next, *l)
		}
	}
	slices.SortStableFunc(next, func(a, b left) int { return b.Seen.Compare(a.Seen) })
	p.left = next[:min(len(next), maxPlaces)]
	p.Close()
}

// read takes over how far a run has read the log of this name; f is nil if it didn't.
func (l *left) read(name string, f *engine.FileStats) {
	if f == nil || f.Err != nil && !l.Text {
		if l.place = l.old; !l.was {
			l.Path = ""
		}
		l.Modified = time.Time{} // it is looked at again
		return
	}
	l.Line = max(l.part.Line, 1) + f.Lines
	if !l.Text {
		return
	}
	head := headOf(name)
	l.Offset = l.part.Offset + f.Bytes
	l.Head, l.Mark = sumOf(head[:min(int64(len(head)), l.Offset)]), sum{}
	if f.Err != nil {
		l.Modified = time.Time{}
	}
}

// Close lets go of the files that Unread opened.
func (p *Places) Close() {
	for _, f := range p.run.files {
		f.Close()
	}
	p.run = run{}
}

// Lock takes a file of a folder for this process, until it is closed. The folder is
// made if need be.
func Lock(dir, name string) (io.Closer, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(filepath.Join(dir, name), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := lock(f); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}
