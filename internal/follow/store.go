package follow

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// A store keeps places in a folder. Checkpoints are synced by a goroutine of their
// own, so that a slow disk holds up nothing.
type store struct {
	file  string
	lock  *os.File
	stale bool   // places were committed since the last checkpoint
	fresh bool   // and since the recent one
	spots []spot // of journals, as loaded

	count  int64 // checkpoints
	recent *recent

	next   time.Time     // when the next checkpoint may be written
	saving bool          // one is being written
	saved  chan error    // what became of it
	took   time.Duration // how long the last one took; read after saved
	failed bool
}

// state is the file's content.
type state struct {
	Version int     `json:"version"`
	Count   int64   `json:"count"` // of checkpoints: a higher one is newer
	Places  []place `json:"places"`
	Journal []spot  `json:"journal,omitempty"`
}

const (
	stateVersion = 1
	stateFile    = "places.json"
	often        = 500 * time.Millisecond // between checkpoints while lines come
	seldom       = time.Second            // where they take long
)

// openStore takes the state folder and reads the places in it. A folder that can't
// be written is no reason not to follow.
func (f *Follower) openStore() error {
	dir := f.opt.State
	err := os.MkdirAll(dir, 0o700)
	var lockFile *os.File
	if err == nil {
		lockFile, err = os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	}
	if err == nil {
		err = lock(lockFile)
	}
	if errors.Is(err, ErrLocked) {
		lockFile.Close()
		return fmt.Errorf("cannot use the state folder %q: %w", dir, err)
	}
	if info, serr := os.Stat(dir); serr == nil && !info.IsDir() {
		return fmt.Errorf("cannot use the state folder %q: it is a file", dir)
	}
	s := &store{file: filepath.Join(dir, stateFile), lock: lockFile, saved: make(chan error, 1)}
	if err != nil {
		s.failed = true
		f.warn(fmt.Sprintf("cannot keep places in %s, going on without: %s", dir, plain(err)))
	}
	f.store = s
	st, anew := s.load(f.warn)
	s.recent = openRecent(filepath.Join(dir, recentFile))
	if newer, ok := s.recent.load(); ok && !anew && newer.Count > st.Count {
		st = newer
	}
	s.spots, s.count = st.Journal, st.Count
	for _, p := range st.Places {
		f.tracks = append(f.tracks, &track{given: p, kept: p})
	}
	return nil
}

// load reads the places. What it doesn't understand it moves aside, and anew is true.
func (s *store) load(warn func(string)) (st state, anew bool) {
	data, err := os.ReadFile(s.file)
	if errors.Is(err, fs.ErrNotExist) {
		return state{}, false
	}
	st, why := decode(data)
	if err != nil {
		why = "can't be read"
	}
	if why == "" {
		return st, false
	}
	for i := 1; i < 1000; i++ {
		aside := fmt.Sprintf("%s.%d", s.file, i)
		if _, err := os.Lstat(aside); errors.Is(err, fs.ErrNotExist) {
			if os.Rename(s.file, aside) == nil {
				warn(fmt.Sprintf("the state %s %s: kept as %s, starting anew", s.file, why, filepath.Base(aside)))
			} else {
				warn(fmt.Sprintf("the state %s %s, and can't be moved aside", s.file, why))
				s.file = "" // never overwritten
			}
			break
		}
	}
	return state{}, true
}

// decode returns the state, or what is wrong.
func decode(data []byte) (st state, why string) {
	var v struct{ Version int }
	switch err := json.Unmarshal(data, &v); {
	case err != nil || v.Version < 1:
		return st, "is damaged"
	case v.Version > stateVersion:
		return st, "was written by a newer why401"
	}
	damaged := json.Unmarshal(data, &st) != nil
	for _, p := range st.Places {
		damaged = damaged || !p.valid()
	}
	for _, j := range st.Journal {
		if j.Line < 1 || j.Cursor != "" && !isCursor(j.Cursor) {
			damaged = true
		}
	}
	if damaged {
		return state{}, "is damaged"
	}
	return st, ""
}

// save starts writing a checkpoint if one is due.
func (f *Follower) save(now time.Time) {
	s := f.store
	if s == nil {
		return
	}
	if s.fresh && s.recent.save(f.encode, now) {
		s.fresh = false
	}
	if s.saving {
		select {
		case err := <-s.saved:
			s.done(err, f.warn)
			s.next = now.Add(min(max(often, s.took), seldom))
		default:
			return
		}
	}
	if !s.stale || now.Before(s.next) || s.file == "" {
		return
	}
	s.stale, s.saving = false, true
	start := time.Now()
	file, data := s.file, f.encode()
	go func() {
		err := Replace(file, data)
		s.took = time.Since(start)
		s.saved <- err
		f.poke()
	}()
}

// done says what became of a checkpoint, where that is news.
func (s *store) done(err error, warn func(string)) {
	s.saving = false
	switch {
	case err != nil:
		s.stale = true
		s.next = s.next.Add(seldom)
		if !s.failed {
			warn("cannot keep places, going on without: " + plain(err))
		}
	case s.failed:
		warn("places are kept again")
	}
	s.failed = err != nil
}

// close writes the last checkpoint and lets go of the folder.
func (s *store) close(encode func() []byte, warn func(string)) {
	if s.saving {
		s.done(<-s.saved, warn)
	}
	if s.stale && s.file != "" {
		s.done(Replace(s.file, encode()), warn)
	}
	s.recent.close()
	if s.lock != nil {
		s.lock.Close()
	}
}

// encode writes down the committed places. It holds nothing of a log's text.
func (f *Follower) encode() []byte {
	f.store.count++
	st := state{Version: stateVersion, Count: f.store.count}
	for _, t := range f.tracks {
		if t.kept.Path != "" {
			st.Places = append(st.Places, t.kept)
		}
	}
	for _, j := range f.journals {
		st.Journal = append(st.Journal, j.kept)
	}
	for _, s := range f.store.spots { // of units that aren't followed this time
		if !f.byPath["journal:"+s.Unit] {
			st.Journal = append(st.Journal, s)
		}
	}
	data, err := json.Marshal(st)
	if err != nil {
		panic(err) // there is nothing in it that can't be encoded
	}
	return append(data, '\n')
}

// Replace replaces a file so that a crash leaves the old or the new one. parts are
// its content.
func Replace(name string, parts ...[]byte) error {
	temp := name + ".new"
	f, err := os.OpenFile(temp, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	for _, part := range parts {
		if err == nil {
			_, err = f.Write(part)
		}
	}
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(temp, name)
	}
	if err != nil {
		os.Remove(temp)
	}
	return err
}
