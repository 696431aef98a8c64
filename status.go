package larder

import (
	"strconv"
	"time"

	"github.com/larder-go/larder/internal/httpfield"
)

// status is one member of the Cache-Status field (RFC 9211).
type status struct {
	hit       bool
	fwd       string // why the request went on: a token of RFC 9211 §2.2
	fwdStatus int
	ttl       time.Duration // how long it stays fresh; negative: for how long it has been stale
	hasTTL    bool
	stored    bool
	collapsed bool // answered by a request that another caller had sent
	detail    string
}

func (s *status) setTTL(freshUntil, now time.Time) {
	if !freshUntil.IsZero() {
		s.ttl, s.hasTTL = freshUntil.Sub(now), true
	}
}

// String is the member as it stands in the field.
func (s status) String() string {
	b := make([]byte, 0, 64)
	b = append(b, "larder"...)
	if s.hit {
		b = append(b, "; hit"...)
	}
	if s.fwd != "" {
		b = append(b, "; fwd="...)
		b = append(b, s.fwd...)
		if s.fwdStatus != 0 {
			b = append(b, "; fwd-status="...)
			b = strconv.AppendInt(b, int64(s.fwdStatus), 10)
		}
	}
	if s.stored {
		b = append(b, "; stored"...)
	}
	if s.collapsed {
		b = append(b, "; collapsed"...)
	}
	if s.hasTTL {
		b = append(b, "; ttl="...)
		b = strconv.AppendInt(b, int64(s.ttl/time.Second), 10)
	}
	if s.detail != "" {
		b = append(b, "; detail="...)
		b = httpfield.AppendString(b, s.detail)
	}
	return string(b)
}
