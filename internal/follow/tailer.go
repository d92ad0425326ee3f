package follow

import (
	"bytes"
	"log"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hpcloud/tail"
	"github.com/hpcloud/tail/watch"
)

// A tailer is hpcloud/tail at work on one open file. It is given the file's
// descriptor as its path, so that renames, deletions and symbolic links can't
// touch it, and it stops at the first sign of truncation or of its end: a
// generation then goes on with its own reader. It wakes the follower, and may
// forget to (its notices can get lost): a generation checks on it.
type tailer struct {
	t    *tail.Tail
	wake func()
	stop chan struct{} // closed by halt
	cut  chan struct{} // the file was truncated: no line after is of use
	gone chan struct{} // closed when nothing of it is left and another may start on the file
	halt func()

	mu   sync.Mutex
	buf  []byte // lines received and not taken, with their newlines
	room chan struct{}
	full atomic.Bool // buf isn't empty
	over atomic.Bool // no more lines will come
}

const tailerRoom = 1 << 20 // bytes of lines that wait to be taken, about

// startTailer reads the file under name, a descriptor's path, from an offset on.
func startTailer(name string, at int64, poll bool, wake func()) (*tailer, error) {
	initWatch()
	t := &tailer{wake: wake, stop: make(chan struct{}), cut: make(chan struct{}), gone: make(chan struct{}), room: make(chan struct{}, 1)}
	t.halt = sync.OnceFunc(func() { close(t.stop) })
	var err error
	t.t, err = tail.TailFile(name, tail.Config{
		Follow:   true,
		Poll:     poll,
		Location: &tail.SeekInfo{Offset: at},
		Logger:   log.New(notices{t}, "", 0),
	})
	if err != nil {
		return nil, err
	}
	go t.run(name, poll)
	return t, nil
}

// initWatch starts the watcher that all tailers share: asking it for a watch that
// it never made would crash.
var initWatch = sync.OnceFunc(func() { _ = watch.Watch(os.DevNull + "/none") })

// run collects lines until the end, and then waits for the watch to be gone.
func (t *tailer) run(name string, poll bool) {
	t.collect()
	t.over.Store(true)
	t.wake()
	t.t.Kill(nil)
	for range t.t.Lines { // Stop would hang: lines are sent on an unbuffered channel
	}
	_ = t.t.Wait()
	for range 2000 {
		if poll || watch.Events(name) == nil {
			break
		}
		time.Sleep(time.Millisecond) // the watch is taken down by another goroutine, which tells nobody
	}
	close(t.gone)
}

func (t *tailer) collect() {
	for {
		select {
		case line, ok := <-t.t.Lines:
			if !ok {
				return
			}
			t.mu.Lock()
			t.buf = append(append(t.buf, line.Text...), '\n')
			full := len(t.buf) > tailerRoom
			t.mu.Unlock()
			t.full.Store(true)
			t.wake()
			if full {
				select {
				case <-t.room:
				case <-t.stop:
					return
				}
			}
		case <-t.cut:
			return
		case <-t.stop:
			return
		}
	}
}

// take returns the lines that came, in exchange for memory to put others in.
func (t *tailer) take(memory []byte) []byte {
	if !t.full.Load() {
		return memory[:0]
	}
	t.mu.Lock()
	lines := t.buf
	t.buf = memory[:0]
	t.full.Store(false)
	t.mu.Unlock()
	select {
	case t.room <- struct{}{}:
	default:
	}
	return lines
}

// notices receives what hpcloud/tail logs. It does so on the goroutine that sends
// the lines, so the news of a truncation comes in order with them.
type notices struct{ t *tailer }

func (n notices) Write(p []byte) (int, error) {
	if bytes.HasPrefix(p, []byte("Re-opening truncated")) {
		select {
		case n.t.cut <- struct{}{}:
		case <-n.t.stop:
		}
	}
	return len(p), nil
}
