//go:build unix

package follow

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// standIn is a journalctl whose journal is a file of entries.
const standIn = `#!/bin/sh
echo "$@" >> "$JOURNAL.args"
skip=0 follow=
for a; do
	case $a in
	--after-cursor=*) skip=${a##*i=} ;;
	--lines=0) skip=$(wc -l < "$JOURNAL") ;;
	--follow) follow=-f ;;
	esac
done
if [ -e "$JOURNAL.refused" ]; then
	echo "No journal files were opened due to insufficient permissions." >&2
	exit 1
fi
exec tail $follow -n +$((skip + 1)) "$JOURNAL"
`

// newJournal returns a rig whose log is the journal of a stand-in.
func newJournal(t *testing.T) *rig {
	r := newRig(t)
	r.path = filepath.Join(r.dir, "journal")
	r.must(os.WriteFile(filepath.Join(r.dir, "journalctl"), []byte(standIn), 0o755))
	t.Setenv("PATH", r.dir+":"+os.Getenv("PATH"))
	t.Setenv("JOURNAL", r.path)
	r.opt.Journal, r.opt.State = []string{"api.service"}, filepath.Join(r.dir, "state")
	r.reopen(r.path)
	return r
}

func (r *rig) entries(n int) {
	r.Helper()
	for range n {
		line := fmt.Sprintf(`{"MESSAGE":"login refused","__CURSOR":"s=ab;i=%d","PRIORITY":"4"}`, len(r.written)+1)
		r.written = append(r.written, line)
		r.put(line + "\n")
	}
}

func (r *rig) startJournal() {
	r.Helper()
	f, err := New(nil, r.opt)
	r.must(err)
	r.f = f
}

func TestJournalGoesOnBehindItsCursor(t *testing.T) {
	r := newJournal(t)
	r.entries(3)
	for range 3 {
		r.startJournal()
		r.all()
		r.entries(2)
		r.all()
		r.stop()
		r.entries(2)
	}
	args, err := os.ReadFile(r.path + ".args")
	r.must(err)
	want := "--output=json --all --follow --no-tail --unit=api.service\n" +
		"--output=json --all --follow --no-tail --after-cursor=s=ab;i=5 --unit=api.service\n" +
		"--output=json --all --follow --no-tail --after-cursor=s=ab;i=9 --unit=api.service\n"
	if string(args) != want {
		t.Errorf("journalctl was run with\n%s, want\n%s", args, want)
	}
	if len(r.said) > 0 {
		t.Errorf("said %q", r.said)
	}
}

// Another unit's cursor outlasts runs that don't follow it.
func TestJournalKeepsCursorsOfOthers(t *testing.T) {
	r := newJournal(t)
	r.entries(3)
	r.startJournal()
	r.all()
	r.stop()
	r.opt.Journal = []string{""}
	r.got = nil
	r.startJournal()
	r.all()
	r.stop()
	r.opt.Journal = []string{"api.service", "", "api.service"}
	r.entries(1)
	r.written = append(r.written, r.written[3])
	r.startJournal()
	r.got = r.got[:3]
	r.all()
	if !slices.Equal(r.f.Files(), []string{"api.service", "journal"}) {
		t.Errorf("files are %q", r.f.Files())
	}
}

func TestJournalFromTheEnd(t *testing.T) {
	r := newJournal(t)
	r.opt.FromEnd = true
	r.entries(3)
	r.startJournal()
	r.until("the start of journalctl", func() bool { args, _ := os.ReadFile(r.path + ".args"); return len(args) > 0 })
	args, err := os.ReadFile(r.path + ".args")
	r.must(err)
	if string(args) != "--output=json --all --follow --lines=0 --unit=api.service\n" {
		t.Errorf("journalctl was run with %s", args)
	}
}

// journalctl ends, as it does on an upgrade, in the middle of an entry.
func TestJournalctlIsStartedAgain(t *testing.T) {
	r := newJournal(t)
	r.entries(3)
	r.startJournal()
	r.all()
	for range 3 {
		j := r.f.journals[0]
		r.put(`{"MESSAGE":"half`)
		r.until("half an entry", func() bool { return j.cut.Partial() > 0 })
		_ = j.run.Close()
		r.until("the end of journalctl", func() bool { return j.run == nil })
		r.written = append(r.written, fmt.Sprintf(`{"MESSAGE":"half","__CURSOR":"s=ab;i=%d"}`, len(r.written)+1))
		r.put(strings.TrimPrefix(r.written[len(r.written)-1], `{"MESSAGE":"half`) + "\n")
		r.ahead += restartMost
		r.all()
	}
	if len(r.said) != 1 {
		t.Errorf("said %q", r.said)
	}
}

func TestJournalThatMayNotBeRead(t *testing.T) {
	r := newJournal(t)
	r.must(os.WriteFile(r.path+".refused", nil, 0o644))
	r.entries(3)
	r.startJournal()
	for range 3 {
		r.until("a failure", func() bool { return r.f.journals[0].run == nil })
		r.ahead += restartMost
		r.next()
	}
	if !strings.Contains(strings.Join(r.said, "\n"), "api.service: cannot read it, will try again: journalctl: No journal files were opened") {
		t.Errorf("said %q", r.said)
	}
	r.must(os.Remove(r.path + ".refused"))
	r.ahead += restartMost
	r.until("the entries", func() bool { r.ahead += restartMost; return len(r.got) == 3 })
	r.same()
}

func TestJournalWithoutJournalctl(t *testing.T) {
	r := newJournal(t)
	t.Setenv("PATH", "")
	if _, err := New(nil, r.opt); !errors.Is(err, errNoJournal) {
		t.Errorf("got %v", err)
	}
	for _, log := range Journals([]string{""}) {
		if _, err := log.Open(); !errors.Is(err, errNoJournal) {
			t.Errorf("got %v", err)
		}
	}
}

func TestLastCursor(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"compact":   {`{"__CURSOR":"s=1;i=2","A":"b"}`, "s=1;i=2"},
		"spaces":    {`{ "__CURSOR" : "s=1;i=2", "A" : "b" }`, "s=1;i=2"},
		"the last":  {"{\"__CURSOR\":\"s=1;i=2\"}\n{\"__CURSOR\":\"s=1;i=3\"}\n", "s=1;i=3"},
		"a message": {`{"__CURSOR":"s=1;i=2","MESSAGE":"\"__CURSOR\":\"s=9;i=9\""}`, "s=1;i=2"},
		"a value":   {`{"__CURSOR":"s=1;i=2","MESSAGE":"__CURSOR"}`, "s=1;i=2"},
		"an option": {`{"__CURSOR":"x --file=/etc/shadow"}`, ""},
		"cut off":   {`{"__CURSOR":"s=1;i`, ""},
		"endless":   {`{"__CURSOR":"` + strings.Repeat("a", 5000) + `"}`, ""},
		"none":      {`-- No entries --`, ""},
	} {
		if got := lastCursor([]byte(c.text)); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
