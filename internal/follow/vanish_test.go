package follow

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestMissingAtTheStart(t *testing.T) {
	each(t, func(r *rig) {
		r.opt.FromEnd = true // there is nothing to leave out
		r.start()
		r.next()
		if !slices.ContainsFunc(r.said, func(s string) bool { return strings.Contains(s, "waiting for it") }) {
			t.Errorf("said %q", r.said)
		}
		r.reopen(r.path)
		r.write(3)
		r.all()
	})
}

func TestDeletedAndMadeAgain(t *testing.T) {
	each(t, func(r *rig) {
		r.reopen(r.path)
		r.start()
		for range 4 {
			r.write(100)
			r.all()
			r.must(os.Remove(r.path))
			r.write(50) // to the file that has no name any more
			r.all()
			r.reopen(r.path)
			r.write(10)
			r.all()
		}
		r.ahead += linger
		r.until("the deleted files to be let go", func() bool { return len(r.f.logs[0].gens) == 1 })
	})
}

func TestTheFolderVanishes(t *testing.T) {
	each(t, func(r *rig) {
		r.path = filepath.Join(r.dir, "logs", "access.log")
		r.must(os.Mkdir(filepath.Dir(r.path), 0o755))
		r.reopen(r.path)
		r.start()
		r.write(10)
		r.all()
		r.must(os.Rename(filepath.Dir(r.path), filepath.Join(r.dir, "away")))
		r.write(10)
		r.all()
		r.must(os.Rename(filepath.Join(r.dir, "away"), filepath.Dir(r.path)))
		r.write(10)
		r.all()
		r.must(os.RemoveAll(filepath.Dir(r.path)))
		r.until("the loss to be seen", func() bool { return r.f.logs[0].missing })
		r.must(os.WriteFile(filepath.Dir(r.path), nil, 0o644)) // a file where a folder was
		r.next()
		r.must(os.Remove(filepath.Dir(r.path)))
		r.must(os.Mkdir(filepath.Dir(r.path), 0o755))
		r.reopen(r.path)
		r.write(10)
		r.all()
	})
}

func TestALinkSwitches(t *testing.T) {
	each(t, func(r *rig) {
		a, b := filepath.Join(r.dir, "a"), filepath.Join(r.dir, "b")
		r.reopen(a)
		r.must(os.Symlink(a, r.path))
		r.start()
		r.write(10)
		r.all()
		r.tailing()
		r.must(os.WriteFile(b, nil, 0o644))
		r.must(os.Symlink(b, r.path+".new"))
		r.must(os.Rename(r.path+".new", r.path))
		r.write(10)
		r.all()
		r.reopen(b)
		r.write(10)
		r.all()
	})
}

// What can't be followed is said, once, and the other logs go on.
func TestWhatIsNoLogIsSaid(t *testing.T) {
	for name, test := range map[string]struct {
		make func(path string) error
		want string
	}{
		"a loop of links":   {func(p string) error { return os.Symlink(p, p) }, "too many levels of symbolic links"},
		"a folder":          {func(p string) error { return os.Mkdir(p, 0o755) }, "is a folder now"},
		"a compressed file": {func(p string) error { return os.WriteFile(p, []byte("\x1f\x8b\x08"), 0o644) }, "is compressed"},
		"a device":          {func(p string) error { return os.Symlink(os.DevNull, p) }, "neither a file nor a pipe"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			bad := filepath.Join(r.dir, "bad.log")
			r.reopen(r.path)
			r.start(bad, r.path)
			r.must(test.make(bad))
			r.until("a word", func() bool {
				return slices.ContainsFunc(r.said, func(s string) bool { return strings.Contains(s, test.want) })
			})
			r.write(3)
			r.all()
			said := len(r.said)
			r.ahead += 5 * time.Second
			r.write(3)
			r.all()
			if len(r.said) != said {
				t.Errorf("said more: %q", r.said)
			}
			r.must(os.Remove(bad))
			r.reopen(bad)
			r.ahead += 5 * time.Second
			r.write(3)
			r.all()
		})
	}
}

func TestReplacedByAFolder(t *testing.T) {
	r := newRig(t)
	r.reopen(r.path)
	r.start()
	r.write(3)
	r.all()
	r.must(os.Remove(r.path))
	r.must(os.Mkdir(r.path, 0o755))
	r.write(3) // to the file that has no name any more
	r.all()
	r.until("a word", func() bool { return len(r.said) == 1 })
	r.must(os.Remove(r.path))
	r.reopen(r.path)
	r.ahead += 5 * time.Second
	r.write(3)
	r.all()
}

func TestPermissionsChange(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("root may read everything")
	}
	r := newRig(t)
	r.must(os.WriteFile(r.path, nil, 0o644))
	r.reopen(r.path)
	r.must(os.Chmod(r.path, 0))
	r.start()
	r.until("a word", func() bool { return len(r.said) == 1 })
	r.must(os.Chmod(r.path, 0o644))
	r.ahead += 5 * time.Second
	r.write(3)
	r.all()
}

func TestOneFileUnderTwoNamesIsReadOnce(t *testing.T) {
	r := newRig(t)
	r.reopen(r.path)
	other := filepath.Join(r.dir, "same.log")
	r.must(os.Link(r.path, other))
	r.start(r.path, other)
	r.write(5)
	r.all()
	r.tailing()
	r.write(5)
	r.all()
}

func TestAFIFOOutlastsItsWriters(t *testing.T) {
	r := newRig(t)
	r.must(syscall.Mkfifo(r.path, 0o600))
	r.start()
	for range 3 {
		r.next()
		w, err := os.OpenFile(r.path, os.O_RDWR, 0)
		r.must(err)
		r.w = w
		r.write(5)
		r.w.Close()
		r.all()
	}
	r.w = nil
}
