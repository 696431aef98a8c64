package doc

import (
	"encoding/base64"
	"time"
)

// Native says what a format holds by itself.
type Native uint8

// What a format may hold.
const (
	NativeBytes Native = 1 << iota
	NativeTimes
)

// bytesName marks bytes where a format holds none and a string is expected.
const bytesName = "$base64"

// Lower returns v with what a format does not hold said otherwise: bytes as an object with their base64, times as
// RFC 3339.
func Lower(v Value, n Native) Value {
	switch v.Kind {
	case Bytes:
		if n&NativeBytes == 0 {
			m := Value{}
			m.Add(bytesName, Str(base64.StdEncoding.EncodeToString([]byte(v.Text))))
			return m
		}
	case Time:
		if n&NativeTimes == 0 {
			return lowerTime(v.Time)
		}
	case List:
		items := make([]Value, len(v.Items))
		for i, item := range v.Items {
			items[i] = Lower(item, n)
		}
		v.Items = items
	case Map:
		fields := make([]Field, len(v.Fields))
		for i, f := range v.Fields {
			fields[i] = Field{f.Name, Lower(f.Value, n)}
		}
		v.Fields = fields
	}
	return v
}

func lowerTime(t time.Time) Value {
	if t.IsZero() {
		return Value{}
	}
	return Str(t.UTC().Format(time.RFC3339Nano))
}
