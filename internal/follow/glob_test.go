package follow

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

func TestFoldersAndPatternsGainAndLoseFiles(t *testing.T) {
	for _, pattern := range []string{"logs", "logs/**/*.log", "logs/*"} {
		t.Run(pattern, func(t *testing.T) {
			r := newRig(t)
			logs := filepath.Join(r.dir, "logs")
			r.must(os.Mkdir(logs, 0o755))
			r.must(os.WriteFile(filepath.Join(logs, "image.log"), []byte("P\x00N\x00G"), 0o644))
			r.must(os.WriteFile(filepath.Join(logs, "packed.log"), []byte("\x1f\x8b\x08"), 0o644))
			r.path = filepath.Join(logs, "a.log")
			r.reopen(r.path)
			r.write(5)
			r.start(filepath.Join(r.dir, pattern))
			r.all()
			r.reopen(filepath.Join(logs, "b.log"))
			r.write(5)
			r.ahead += 2 * slowPace
			r.all()
			r.must(os.Remove(filepath.Join(logs, "b.log")))
			r.write(5) // to the file that has no name any more
			r.all()
			for range 3 {
				r.ahead += linger
				r.next()
			}
			r.until("b.log to be let go", func() bool { r.ahead += time.Second; return len(r.f.logs) == 1 })
			r.reopen(filepath.Join(logs, "b.log"))
			r.write(5)
			r.ahead += 2 * slowPace
			r.all()
			if want := []string{r.path, filepath.Join(logs, "b.log"), filepath.Join(logs, "b.log")}; !slices.Equal(r.f.Files(), want) {
				t.Errorf("files are %q", r.f.Files())
			}
			if len(r.said) > 0 {
				t.Errorf("said %q", r.said)
			}
		})
	}
}

// A pattern that rotated files match too reads nothing twice.
func TestAPatternMatchesRotatedFiles(t *testing.T) {
	each(t, func(r *rig) {
		r.reopen(r.path)
		r.write(30)
		r.start(r.path + "*")
		r.all()
		for _, name := range []string{".1", ".2"} {
			r.write(30)
			r.rename(r.path + name)
			r.write(5)
			r.reopen(r.path)
			r.write(30)
			r.all()
			r.ahead += 2 * slowPace
			r.next()
			r.all()
		}
		data, err := os.ReadFile(r.path)
		r.must(err)
		r.must(os.WriteFile(r.path+".3", data, 0o644))
		r.ahead += 2 * slowPace
		r.next()
		r.must(os.Truncate(r.path, 0))
		r.write(30)
		r.all()
		r.ahead += linger + time.Second
		r.next()
		r.ahead += 2 * slowPace
		r.next()
		r.all()
	})
}

func TestNamesOfRotatedFiles(t *testing.T) {
	for name, want := range map[string]bool{
		"/l/access.log": false, "/l/access.log.1": true, "/l/access.log-20260511": true, "/l/access.log.2026-05-11T10": true,
		"/l/access.log.1.gz": true, "/l/access.log.gz": true, "/l/access-20260511.log": true, "/l/access.3.log.zst": true,
		"/l/access.log.old": true, "/l/access.log~": true, "/l/access.log.errors": false, "/l/access.log2": false,
		"/l/access-errors.log": false, "/l/accesses.log": false, "/m/access.log.1": false, "/l/access.log.": false, "/l/access.log.1.txt": false,
	} {
		if isRotated("/l/access.log", name) != want {
			t.Errorf("%s: not %v", name, want)
		}
	}
}

// A file that appears and is rotated between two searches.
func TestRotatedBeforeItWasFound(t *testing.T) {
	r := newRig(t)
	r.must(os.WriteFile(filepath.Join(r.dir, "new.log.7"), []byte("of last week\n"), 0o644))
	r.must(os.Chtimes(filepath.Join(r.dir, "new.log.7"), time.Time{}, time.Now().Add(-time.Hour)))
	r.start(filepath.Join(r.dir, "*.log"))
	r.path = filepath.Join(r.dir, "new.log")
	r.reopen(r.path)
	r.write(5)
	r.rename(r.path + ".1")
	r.reopen(r.path)
	r.write(5)
	r.all()
}
