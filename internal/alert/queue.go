package alert

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// folder turns the name of a target into that of a folder.
func folder(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '.' || r == '-' {
			return r
		}
		return '_'
	}, strings.ToLower(name))
}

// Bounds of one queue.
const (
	maxQueued = 1000
	maxBytes  = 8 << 20
)

var (
	errFull   = fmt.Errorf("the queue is full (%d alerts or %d MiB)", maxQueued, maxBytes>>20)
	errNoMore = errors.New("no more alerts")
)

// A queue keeps alerts in order until they are sent. In a folder, each is a file,
// renamed into place, so that a process that is killed loses none; a machine that
// loses power may lose the last.
type queue struct {
	dir     string // "" keeps the alerts in memory
	damaged int    // files that could not be read at the start

	mu     sync.Mutex
	items  []item
	bytes  int
	last   uint64 // number of the newest file
	sent   recent // alerts sent of late, in the file "sent" too
	ending bool
	wake   chan struct{} // closed when items or ending change
}

type item struct {
	id   string
	size int
	file string
	mem  *Alert // nil if it is in the file
}

const sentFile = "sent"

// openQueue opens the queue in a folder, which it makes.
func openQueue(dir string) (*queue, error) {
	q := &queue{dir: dir, wake: make(chan struct{})}
	if dir == "" {
		return q, nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("cannot keep alerts: %w", err)
	}
	entries, err := os.ReadDir(dir) // by name, and so by number
	if err != nil {
		return nil, fmt.Errorf("cannot read queued alerts: %w", err)
	}
	if text, err := os.ReadFile(filepath.Join(dir, sentFile)); err == nil {
		for _, id := range strings.Fields(string(text)) {
			q.sent.add(id)
		}
	}
	for _, e := range entries {
		name := filepath.Join(dir, e.Name())
		var n uint64
		if _, err := fmt.Sscanf(e.Name(), "%d.json", &n); err != nil || e.Name() != fileName(n) {
			if strings.HasSuffix(e.Name(), ".tmp") {
				_ = os.Remove(name)
			}
			continue
		}
		q.last = max(q.last, n)
		a, size, err := readAlert(name)
		if err != nil {
			q.damaged++
			_ = os.Remove(name)
			continue
		}
		if q.sent.has(a.ID) { // killed between sending and tidying up
			_ = os.Remove(name)
			continue
		}
		q.items = append(q.items, item{id: a.ID, size: size, file: name})
		q.bytes += size
	}
	return q, nil
}

func fileName(n uint64) string { return fmt.Sprintf("%020d.json", n) }

func readAlert(name string) (*Alert, int, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, 0, err
	}
	if info.Size() > maxBytes {
		return nil, 0, fs.ErrInvalid
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, 0, err
	}
	a := new(Alert)
	if err := json.Unmarshal(text, a); err != nil || a.ID == "" {
		return nil, 0, fs.ErrInvalid
	}
	return a, len(text), nil
}

// put queues a, unless it is there or was sent of late. A disk that can't be
// written is no reason to lose it: it stays in memory.
func (q *queue) put(a *Alert) error {
	text, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("cannot queue an alert: %w", err)
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.sent.has(a.ID) || slices.ContainsFunc(q.items, func(it item) bool { return it.id == a.ID }) {
		return nil
	}
	if len(q.items) >= maxQueued || q.bytes+len(text) > maxBytes {
		return errFull
	}
	it := item{id: a.ID, size: len(text), mem: a}
	if q.dir != "" {
		q.last++
		name := filepath.Join(q.dir, fileName(q.last))
		if writeFile(name, text) == nil {
			it.file, it.mem = name, nil
		}
	}
	q.items = append(q.items, it)
	q.bytes += it.size
	q.changed()
	return nil
}

func (q *queue) changed() {
	close(q.wake)
	q.wake = make(chan struct{})
}

func writeFile(name string, text []byte) error {
	err := os.WriteFile(name+".tmp", text, 0o600)
	if err == nil {
		err = os.Rename(name+".tmp", name)
	}
	if err != nil {
		_ = os.Remove(name + ".tmp")
	}
	return err
}

// first waits for the oldest alert and leaves it in the queue. The error is
// errNoMore at the end or when ctx is done; any other means that the alert
// couldn't be read and is gone.
func (q *queue) first(ctx context.Context) (*Alert, error) {
	for {
		q.mu.Lock()
		wake, ending := q.wake, q.ending
		var it item
		if len(q.items) > 0 {
			it = q.items[0]
		}
		q.mu.Unlock()
		switch {
		case ctx.Err() != nil:
			return nil, errNoMore
		case it.mem != nil:
			return it.mem, nil
		case it.file != "":
			a, _, err := readAlert(it.file)
			if err != nil {
				q.done(&Alert{ID: it.id})
				return nil, fmt.Errorf("cannot read a queued alert: %w", err)
			}
			return a, nil
		case ending:
			return nil, errNoMore
		}
		select {
		case <-ctx.Done():
		case <-wake:
		}
	}
}

// done takes the oldest alert, a, out of the queue.
func (q *queue) done(a *Alert) {
	q.mu.Lock()
	defer q.mu.Unlock()
	it := q.items[0]
	q.sent.add(a.ID)
	if q.dir != "" { // in this order: what is killed here tells it again rather than never
		_ = writeFile(filepath.Join(q.dir, sentFile), []byte(strings.Join(q.sent.list(), "\n")+"\n"))
	}
	if it.file != "" {
		_ = os.Remove(it.file)
	}
	q.items = slices.Delete(q.items, 0, 1)
	q.bytes -= it.size
}

func (q *queue) len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.items)
}

// close says that nothing more will be put.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.ending = true
	q.changed()
}

func (q *queue) closed() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.ending
}

// sleep waits for d, or for the queue's close. It reports false if ctx ended first.
func (q *queue) sleep(ctx context.Context, d time.Duration) bool {
	for end := time.Now().Add(d); ; {
		q.mu.Lock()
		wake, ending := q.wake, q.ending
		q.mu.Unlock()
		left := time.Until(end)
		if ending || left <= 0 {
			return ctx.Err() == nil
		}
		if !pause(ctx, wake, left) {
			return false
		}
	}
}

// recent remembers the last ids.
type recent struct {
	ids  map[string]bool
	ring []string
	next int
}

const maxRecent = 1024

// add reports whether id is new.
func (r *recent) add(id string) bool {
	if r.ids[id] {
		return false
	}
	if r.ids == nil {
		r.ids = map[string]bool{}
	}
	if len(r.ring) < maxRecent {
		r.ring = append(r.ring, id)
	} else {
		delete(r.ids, r.ring[r.next])
		r.ring[r.next] = id
		r.next = (r.next + 1) % maxRecent
	}
	r.ids[id] = true
	return true
}

func (r *recent) has(id string) bool { return r.ids[id] }

// list returns the ids, the oldest first.
func (r *recent) list() []string {
	return append(slices.Clone(r.ring[r.next:]), r.ring[:r.next]...)
}
