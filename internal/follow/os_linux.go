package follow

import (
	"os"
	"strconv"
	"syscall"
)

// descriptorPath returns a path that leads to an open file whatever becomes of
// its name, or "" if there is none that a tailer can use.
func descriptorPath(f *os.File, poll bool) string {
	var fs syscall.Statfs_t
	if err := syscall.Fstatfs(int(f.Fd()), &fs); err != nil {
		return ""
	}
	switch uint32(fs.Type) {
	case 0x6969, 0xff534d42, 0xfe534d42, 0x65735546, 0x01021997, 0x00c36400: // NFS, CIFS, SMB2, FUSE, 9P, Ceph
		return "" // others write without notice, and a stale handle would end the process
	}
	if !poll {
		// hpcloud/tail ends the process when it gets no inotify instance.
		fd, err := syscall.InotifyInit1(syscall.IN_CLOEXEC)
		if err != nil {
			return ""
		}
		syscall.Close(fd)
	}
	return "/proc/self/fd/" + strconv.Itoa(int(f.Fd()))
}
