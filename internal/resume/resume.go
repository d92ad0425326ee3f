// Package resume lets a report go on where the last one ended: what of the logs is
// new, campaigns that are under way, and what earlier runs found, to compare with.
//
// All of it stands in one file, which is replaced as a whole once the report is
// written: a run that is killed before leaves nothing behind, and the next one does
// its work again. A run that follows logs may use the same folder; it keeps its places
// in files of its own.
package resume

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"why401/detectors"
	"why401/detectors/correlate"
	"why401/detectors/spike"
	"why401/internal/engine"
	"why401/internal/follow"
	"why401/internal/report"
)

const (
	stateFile = "report.state"
	lockFile  = "report.lock"
)

// A Run is one run of a report that remembers.
type Run struct {
	file  string
	lock  io.Closer
	state state
	of    string // what is asked for
	now   time.Time
	warn  func(string)
	bad   error // why nothing can be remembered

	campaigns bytes.Buffer // as Follow saved them
	requests  correlate.State
}

// Open takes the state folder, and makes it if need be; another run that has it is an
// error. Where the folder can't be used the report is made all the same, and Save
// says so. of names what is asked for: only runs of the same are compared.
func Open(dir string, of []string, now time.Time, warn func(string)) (*Run, error) {
	r := &Run{file: filepath.Join(dir, stateFile), now: now, warn: warn}
	lock, err := follow.Lock(dir, lockFile)
	switch {
	case errors.Is(err, follow.ErrLocked):
		return nil, fmt.Errorf("cannot use the state folder %s: another report is running with it", dir)
	case err != nil:
		r.bad = fmt.Errorf("cannot use the state folder %s: %w", dir, plain(err))
	}
	r.lock = lock
	if err := r.load(); err != nil {
		r.Close()
		return nil, err
	}
	if len(r.state.Key) < keyLen {
		r.state.Key = make([]byte, keyLen)
		_, _ = rand.Read(r.state.Key) // never fails
	}
	key := detectors.StoredKey(r.state.Key)
	hash := key.String("report")
	for _, arg := range of {
		hash = key.String(fmt.Sprint(hash, arg))
	}
	r.of = fmt.Sprintf("%016x", hash)
	return r, nil
}

// load reads the state. What can't be used is moved aside, and never overwritten.
func (r *Run) load() error {
	data, err := os.ReadFile(r.file)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) || err != nil && r.bad != nil {
		return nil
	}
	if err != nil {
		return fmt.Errorf("cannot read the state %s: %w", r.file, plain(err))
	}
	st, why := decode(data)
	if why == "" {
		r.state = st
		return nil
	}
	for i := 1; i < 1000; i++ {
		aside := fmt.Sprintf("%s.%d", r.file, i)
		if _, err := os.Lstat(aside); errors.Is(err, fs.ErrNotExist) {
			if err := os.Rename(r.file, aside); err != nil {
				r.bad = fmt.Errorf("the state %s %s, and can't be moved aside: %w", r.file, why, plain(err))
				return nil
			}
			r.warn(fmt.Sprintf("the state %s %s: kept as %s, starting anew", r.file, why, filepath.Base(aside)))
			return nil
		}
	}
	r.bad = fmt.Errorf("the state %s %s, and there are a thousand like it: remove some", r.file, why)
	return nil
}

// Logs returns what of logs no earlier run has read.
func (r *Run) Logs(logs []engine.Log) []engine.Log {
	return r.state.Places.Unread(logs, r.now, r.warn)
}

// Follow makes cfg go on with what the last run knew of clients and campaigns.
func (r *Run) Follow(cfg *engine.Config) {
	cfg.Spike.Key = detectors.StoredKey(r.state.Key)
	r.requests = correlate.State{Key: cfg.Spike.Key, Data: r.state.requests}
	cfg.Correlate.State, r.state.requests = &r.requests, nil
	t := spike.New(cfg.Spike)
	if len(r.state.campaigns) > 0 {
		if err := t.Restore(bytes.NewReader(r.state.campaigns)); err != nil {
			r.warn(err.Error() + ": starting anew with them")
			t = spike.New(cfg.Spike)
		}
		r.campaigns.Grow(len(r.state.campaigns)) // it will be about as much
		r.state.campaigns = nil
	}
	cfg.Campaigns = &campaigns{t, r}
}

// campaigns saves the tracker of campaigns before it is emptied.
type campaigns struct {
	*spike.Tracker
	run *Run
}

// Flush is called when nothing before it holds attempts back any more.
func (c *campaigns) Flush(report func(detectors.Finding)) {
	c.run.campaigns.Reset()
	if err := c.Save(&c.run.campaigns); err != nil {
		c.run.warn("cannot keep campaigns: " + err.Error())
		c.run.campaigns.Reset()
	}
	told := map[string]told{}
	c.Tracker.Flush(func(f detectors.Finding) {
		if s, ok := f.(*detectors.SpikeFinding); ok {
			told[s.ID] = tell(s)
		}
		report(f)
	})
	c.run.state.now = told
}

// A told campaign is one that was open at the end of a run, or may have another round,
// as it was told then: that it is over is news, too.
type told struct {
	Attempts int  `json:"attempts"`
	Taken    int  `json:"taken"`
	Closed   bool `json:"closed"`
}

func tell(f *detectors.SpikeFinding) told {
	return told{f.Attempts, len(f.CompromisedUsers), f.Phase == "closed"}
}

// Sink returns a sink that leaves out campaigns that are as they were told before.
func (r *Run) Sink(next engine.Sink) engine.Sink { return &onlyNews{next, r.state.Told} }

type onlyNews struct {
	engine.Sink
	told map[string]told
}

func (s *onlyNews) Finding(f detectors.Finding) error {
	if sp, ok := f.(*detectors.SpikeFinding); ok {
		if was, known := s.told[sp.ID]; known && was == tell(sp) {
			return nil
		}
	}
	return s.Sink.Finding(f)
}

// Read takes over what the run read and found, and tells the model of the runs before.
func (r *Run) Read(stats *engine.Stats, m *report.Model) {
	r.state.Places.Read(stats)
	r.state.Told, r.state.campaigns, r.state.requests = r.state.now, r.campaigns.Bytes(), r.requests.Data
	r.state.compare(figuresOf(stats, m), r.of, m)
}

// Save replaces the state, which only a run that was told in full may do. It says
// what keeps it from that.
func (r *Run) Save() error {
	if r.bad != nil {
		return r.bad
	}
	if err := follow.Replace(r.file, r.state.encode()...); err != nil {
		return fmt.Errorf("cannot keep the state %s: %w", r.file, plain(err))
	}
	return nil
}

// Close lets go of the state folder.
func (r *Run) Close() {
	r.state.Places.Close()
	if r.lock != nil {
		r.lock.Close()
	}
}

// plain is an error without the path that it names.
func plain(err error) error {
	var pe *fs.PathError
	var le *os.LinkError
	switch {
	case errors.As(err, &pe):
		return pe.Err
	case errors.As(err, &le):
		return le.Err
	}
	return err
}
