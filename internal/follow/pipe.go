package follow

import (
	"io"
	"io/fs"
	"os"
	"sync"
	"time"

	"why401/internal/engine"
	"why401/parsers"
)

// A pipe is standard input or a FIFO. A goroutine reads it, and is left behind
// when nothing comes any more.
type pipe struct {
	holder
	source *parsers.Source
	inlet  *inlet
	ended  bool
	warn   func(string)
}

// An inlet reads ahead, on a goroutine, what comes when it comes.
type inlet struct {
	mu   sync.Mutex
	in   []byte // read and not taken
	eof  bool
	err  error // why it ended, nil for io.EOF
	room chan struct{}
}

const inletRoom = 1 << 20 // bytes read ahead, about

// newInlet starts reading what open opens; wake is told of whatever comes.
func newInlet(open func() (io.Reader, error), wake func()) *inlet {
	i := &inlet{room: make(chan struct{}, 1)}
	go func() {
		r, err := open()
		for buf := make([]byte, 64<<10); err == nil; {
			var n int
			n, err = r.Read(buf)
			i.mu.Lock()
			i.in = append(i.in, buf[:n]...)
			full := len(i.in) > inletRoom
			i.mu.Unlock()
			wake()
			if full && err == nil {
				<-i.room
			}
		}
		i.mu.Lock()
		i.eof = true
		if err != io.EOF {
			i.err = err
		}
		i.mu.Unlock()
		wake()
	}()
	return i
}

// take moves what was read to h, and reports whether that was the last.
func (i *inlet) take(h *holder, now time.Time) (eof bool, err error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if len(i.in) > 0 {
		h.add(i.in, now)
		i.in = i.in[:0]
		select {
		case i.room <- struct{}{}:
		default:
		}
	}
	return i.eof, i.err
}

func (f *Follower) addStdin() {
	f.startPipe("-", func() (io.Reader, error) {
		return (&engine.Log{Name: "-", Stdin: f.opt.Stdin}).Open()
	})
}

// addPipe turns a log whose path leads to a FIFO into a pipe.
func (f *Follower) addPipe(l *logFile) {
	if l.pipe {
		return
	}
	l.pipe = true
	f.startPipe(l.name, func() (io.Reader, error) {
		file, err := os.OpenFile(l.path, os.O_RDWR, 0) // held open for writing too: it outlasts its writers
		if err != nil {
			file, err = os.Open(l.path)
		}
		if err != nil {
			return nil, err
		}
		if info, err := file.Stat(); err != nil || info.Mode()&fs.ModeNamedPipe == 0 {
			file.Close()
			return nil, fs.ErrInvalid
		}
		return file, nil
	})
}

func (f *Follower) startPipe(name string, open func() (io.Reader, error)) {
	p := &pipe{source: f.newSource(name), warn: func(msg string) { f.warn(name + ": " + msg) }}
	p.mem = &f.mem
	p.cut = engine.NewLiveCutter(p.source, 1, nil, nil)
	p.inlet = newInlet(open, f.poke)
	f.pipes = append(f.pipes, p)
}

// next fills b with what is ready.
func (p *pipe) next(b *parsers.Block, now time.Time, all bool) bool {
	if p.ended {
		return false
	}
	eof, err := p.inlet.take(&p.holder, now)
	if eof || all {
		p.cut.End()
	}
	p.source.ModTime = now
	if p.hand(b, now, all) {
		return true
	}
	if eof && p.cut.Partial() == 0 {
		p.ended = true
		if err != nil {
			p.warn("cannot read on: " + plain(err))
		}
	}
	return false
}
