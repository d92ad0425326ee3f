package follow

import (
	"os"
	"strconv"
	"testing"
	"time"
)

// nginx goes on writing to the renamed file until it is told to reopen.
func TestRenamedAndWrittenOn(t *testing.T) {
	each(t, func(r *rig) {
		r.reopen(r.path)
		r.start()
		for turn := range 3 {
			r.write(100)
			r.all()
			r.rename(r.path + "." + strconv.Itoa(turn+1))
			r.write(50)
			r.must(os.WriteFile(r.path, nil, 0o644))
			r.write(50)
			r.all()
			r.write(50)
			r.reopen(r.path)
			r.write(50)
			r.all()
		}
	})
}

// Several rotations between two looks: the files between are found by their names.
func TestRotatedManyTimesUnseen(t *testing.T) {
	each(t, func(r *rig) {
		r.reopen(r.path)
		r.write(10)
		r.start()
		r.all()
		for turn := range 5 {
			r.write(500)
			r.rename(r.path + "." + strconv.Itoa(9-turn))
			r.reopen(r.path)
		}
		r.write(1)
		r.all()
	})
}

func TestRotatedWithADateBeforeTheExtension(t *testing.T) {
	r := newRig(t)
	r.reopen(r.path)
	r.start()
	r.write(5)
	r.all()
	for _, day := range []string{"11", "12", "13"} {
		r.write(5)
		r.rename(r.dir + "/access-202605" + day + ".log")
		r.reopen(r.path)
	}
	r.write(5)
	r.all()
}

// Half a line, then a rotation, then the rest.
func TestAPieceOfALineAcrossARotation(t *testing.T) {
	each(t, func(r *rig) {
		r.reopen(r.path)
		r.start()
		r.tailing()
		r.put("one ha")
		r.rename(r.path + ".1")
		r.must(os.WriteFile(r.path, nil, 0o644))
		r.until("the new file", func() bool { return len(r.f.logs[0].gens) == 2 })
		r.put("lf\n")
		r.written = append(r.written, "one half")
		r.all()
	})
}

// A last line that never gets its end is read when its file has been quiet.
func TestALastLineWithoutItsEnd(t *testing.T) {
	r := newRig(t)
	r.reopen(r.path)
	r.write(2)
	r.start()
	r.all()
	r.put("no end")
	r.rename(r.path + ".1")
	r.reopen(r.path)
	r.write(1)
	r.until("the new file's line", func() bool { return len(r.got) == 3 })
	r.written = append(r.written, "no end")
	r.ahead += linger + time.Second
	r.all()
	r.until("the old file to be let go", func() bool { return len(r.f.logs[0].gens) == 1 })
}

func TestARotatedFileIsLetGo(t *testing.T) {
	r := newRig(t)
	r.reopen(r.path)
	r.start()
	r.write(1)
	r.all()
	old := r.f.logs[0].current
	r.rename(r.path + ".1")
	r.reopen(r.path)
	r.until("the new file", func() bool { return r.f.logs[0].current != old })
	r.ahead += linger + time.Second
	r.until("the old file to be let go", func() bool { return len(r.f.logs[0].gens) == 1 })
	r.write(3)
	r.all()
}

func TestRenamedAwayAndBack(t *testing.T) {
	r := newRig(t)
	r.reopen(r.path)
	r.start()
	r.write(3)
	r.all()
	r.rename(r.path + ".1")
	r.reopen(r.path)
	r.write(3)
	r.all()
	r.must(os.Rename(r.path, r.path+".2"))
	r.must(os.Rename(r.path+".1", r.path))
	r.write(3)
	r.all()
	r.reopen(r.path)
	r.write(3)
	r.all()
}

// Rotated away just before the first look.
func TestRotatedWhileStarting(t *testing.T) {
	r := newRig(t)
	r.reopen(r.path)
	old := r.path + ".2"
	r.must(os.WriteFile(old, []byte("of last week\n"), 0o644))
	r.must(os.Chtimes(old, time.Time{}, time.Now().Add(-time.Hour)))
	r.write(10)
	r.rename(r.path + ".1")
	r.reopen(r.path)
	r.write(1)
	r.start()
	r.all()
}
