package follow

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"sync"
	"time"

	"why401/internal/engine"
	"why401/parsers"
)

// A journal is the system's journal, or what one unit wrote to it, as journalctl
// gives it: one JSON object an entry. journalctl is the only program that why401
// runs. It is found in PATH, and its arguments are the user's units and cursors
// that it gave itself.
type journal struct {
	holder
	f      *Follower
	source *parsers.Source
	unit   string // "" for the whole journal
	run    *journalctl
	inlet  *inlet
	again  time.Time // when to start it again, while it doesn't run
	wait   time.Duration
	place  spot         // after what was handed out
	seen   string       // the last cursor, which may stand in a long line's first piece
	kept   spot         // what a checkpoint may say
	steps  []step[spot] // from kept to place
	said   map[string]bool
}

// A spot is how far a journal was read.
type spot struct {
	Unit   string `json:"unit"` // "" for the whole journal
	Cursor string `json:"cursor"`
	Line   int64  `json:"line"` // number of the next entry
}

const (
	restart     = time.Second // before journalctl is started again, at first
	restartMost = time.Minute
)

// JournalName is the name of a unit's source.
func JournalName(unit string) string {
	if unit == "" {
		return "journal"
	}
	return unit
}

// Journals are the sources of units, "" for the whole journal, to be read once.
func Journals(units []string) (logs []engine.Log) {
	for _, unit := range units {
		logs = append(logs, engine.Log{Name: JournalName(unit), Named: true, Program: func() (io.ReadCloser, error) {
			return startJournalctl(unit, "--quiet", "--no-pager")
		}})
	}
	return logs
}

// addJournal reads a unit's journal on from where it was left.
func (f *Follower) addJournal(unit string) error {
	if f.byPath["journal:"+unit] {
		return nil
	}
	f.byPath["journal:"+unit] = true
	j := &journal{f: f, unit: unit, place: spot{Unit: unit, Line: 1}, said: map[string]bool{}}
	if f.store != nil {
		for _, s := range f.store.spots {
			if s.Unit == unit {
				j.place = s
			}
		}
	}
	j.kept = j.place
	if _, err := exec.LookPath("journalctl"); err != nil {
		return errNoJournal
	}
	j.source = f.newSource(JournalName(unit))
	j.mem = &f.mem
	j.cut = engine.NewLiveCutter(j.source, j.place.Line, nil, nil)
	f.journals = append(f.journals, j)
	return nil
}

var errNoJournal = errors.New("journalctl is not in PATH: it comes with systemd; logs can be named as files instead")

// check starts journalctl where it doesn't run.
func (j *journal) check(now time.Time) {
	if j.run != nil || now.Before(j.again) {
		return
	}
	args := []string{"--follow", "--no-tail"}
	switch {
	case j.place.Cursor != "":
		args = append(args, "--after-cursor="+j.place.Cursor)
	case j.f.opt.FromEnd:
		args = []string{"--follow", "--lines=0"}
	}
	run, err := startJournalctl(j.unit, args...)
	if err != nil {
		j.ended(err, now)
		return
	}
	j.run, j.inlet = run, newInlet(func() (io.Reader, error) { return run, nil }, j.f.poke)
}

// ended says why journalctl doesn't run, and when it will again.
func (j *journal) ended(err error, now time.Time) {
	j.run, j.inlet = nil, nil
	j.wait = min(max(2*j.wait, restart), restartMost)
	j.again = now.Add(j.wait)
	why := "journalctl ended; starting it again"
	if err != nil {
		why = "cannot read it, will try again: " + err.Error()
	}
	j.warn(why)
}

// warn says something once.
func (j *journal) warn(msg string) {
	if !j.said[msg] && len(j.said) < 100 {
		j.said[msg] = true
		j.f.warn(j.source.Name + ": " + msg)
	}
}

// next fills b with what is ready.
func (j *journal) next(b *parsers.Block, now time.Time, all bool) bool {
	if j.run == nil {
		return false
	}
	eof, err := j.inlet.take(&j.holder, now)
	j.source.ModTime = now
	if j.hand(b, now, all || eof) {
		j.note(b)
		return true
	}
	for _, msg := range j.run.complaints() {
		j.warn(msg)
	}
	if eof {
		// What it began and didn't end comes again behind the cursor.
		j.cut = engine.NewLiveCutter(j.source, j.place.Line, nil, nil)
		j.holding, j.seen = time.Time{}, ""
		j.ended(err, now)
	}
	return false
}

// note moves the place behind b.
func (j *journal) note(b *parsers.Block) {
	if c := lastCursor(b.Data); c != "" {
		j.seen, j.wait = c, 0
	}
	if b.Part > 0 && !b.Last {
		return // the cursor may stand in another piece of the line
	}
	if j.place.Line = j.cut.Line(); j.seen != "" {
		j.place.Cursor = j.seen
	}
	j.steps = addStep(j.steps, j.f.given+1, j.place)
}

// commit says that n blocks are done with, and reports whether that is news.
func (j *journal) commit(n int64) (news bool) {
	j.steps, news = commit(j.steps, n, &j.kept)
	return news
}

func (j *journal) close() {
	if j.run != nil {
		_ = j.run.Close()
	}
}

// lastCursor returns the cursor of the last entry in p that has one. Inside of a
// string the quotes around the key would be escaped, so no message can pose as one.
func lastCursor(p []byte) string {
	key := []byte(`"__CURSOR"`)
	for end := len(p); ; {
		i := bytes.LastIndex(p[:end], key)
		if i < 0 {
			return ""
		}
		end = i
		rest, colon := bytes.CutPrefix(bytes.TrimLeft(p[i+len(key):], " "), []byte(":"))
		rest, quote := bytes.CutPrefix(bytes.TrimLeft(rest, " "), []byte(`"`))
		n := bytes.IndexByte(rest[:min(len(rest), maxCursor)], '"')
		if colon && quote && n > 0 && isCursor(string(rest[:n])) {
			return string(rest[:n])
		}
	}
}

const maxCursor = 1000

// isCursor reports whether s is made as journald makes cursors: s=...;i=...;b=...
func isCursor(s string) bool {
	for _, c := range []byte(s) {
		if !('0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || strings.IndexByte("=;_-", c) >= 0) {
			return false
		}
	}
	return s != "" && len(s) < maxCursor
}

// journalctl is the program at work. It reads as the program's output does, and
// ends with an error if the program fails.
type journalctl struct {
	cmd *exec.Cmd
	out io.ReadCloser

	mu   sync.Mutex
	text []byte // what it said on standard error and nobody took
	last string // its last line
}

func startJournalctl(unit string, args ...string) (*journalctl, error) {
	name, err := exec.LookPath("journalctl")
	if err != nil {
		return nil, errNoJournal
	}
	args = append([]string{"--output=json", "--all"}, args...)
	if unit != "" {
		args = append(args, "--unit="+unit)
	}
	c := &journalctl{cmd: exec.Command(name, args...)}
	apart(c.cmd)
	c.cmd.Stderr = c
	if c.out, err = c.cmd.StdoutPipe(); err == nil {
		err = c.cmd.Start()
	}
	if err != nil {
		return nil, fmt.Errorf("cannot run journalctl: %w", err)
	}
	return c, nil
}

func (c *journalctl) Read(p []byte) (int, error) {
	n, err := c.out.Read(p)
	if err == io.EOF {
		if werr := c.cmd.Wait(); werr != nil {
			err = fmt.Errorf("journalctl: %w", werr)
			if c.last != "" { // nothing writes it any more
				err = errors.New("journalctl: " + c.last)
			}
		}
	}
	return n, err
}

// Write takes what the program says on standard error.
func (c *journalctl) Write(p []byte) (int, error) {
	n := len(p)
	c.mu.Lock()
	defer c.mu.Unlock()
	p = bytes.TrimSpace(p)
	if room := 4096 - len(c.text); len(p) > 0 && len(p) < room {
		c.text = append(append(c.text, p...), '\n')
		c.last = string(p[bytes.LastIndexByte(p, '\n')+1:])
	}
	return n, nil
}

// complaints returns the lines that the program has said since the last call.
func (c *journalctl) complaints() (lines []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for line := range strings.Lines(string(c.text)) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	c.text = c.text[:0]
	return lines
}

// Close ends the program.
func (c *journalctl) Close() error {
	_ = c.cmd.Process.Kill()
	return nil
}
