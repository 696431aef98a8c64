package httpfield_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/larder-go/larder/internal/httpfield"
)

func seeds(f *testing.F, more ...string) {
	for _, s := range append(more, "", ",", `"`, `"\`, "a=", "=", ";", "a;b", `a="b, c`, `a="b\`, "*", "\x00", "\xff\xfe", "a\nb", "W/", `W/"`, strings.Repeat("9", 40)) {
		f.Add(s)
	}
}

func FuzzDirectives(f *testing.F) {
	seeds(f, "max-age=600", `no-cache="Set-Cookie", max-age="1"`, "max-age=1; no-store", `a"b, public`)
	f.Fuzz(func(t *testing.T, s string) {
		n := 0
		for ds := httpfield.NewDirectives(strings.Split(s, "\n")); ds.Next(); n++ {
			if v, ok := ds.Seconds(); v < 0 || v > httpfield.MaxDelta || ok && ds.Malformed {
				t.Errorf("%q: %v, %v", s, v, ok)
			}
			if ds.Name != "" && !httpfield.IsToken(ds.Name) {
				t.Errorf("%q: name %q", s, ds.Name)
			}
			for range ds.Fields() {
			}
			if n > len(s) {
				t.Fatalf("%q does not end", s)
			}
		}
		// What restricts must not be hidden by anything but a quoted string.
		if !strings.Contains(s, `"`) && !httpfield.HasDirective([]string{strings.ReplaceAll(s, "\n", "") + ",no-store"}, "no-store") {
			t.Errorf("%q hides no-store", s)
		}
	})
}

func FuzzMembers(f *testing.F) {
	seeds(f, `a, "b,c"`)
	f.Fuzz(func(t *testing.T, s string) {
		got := slices.Collect(httpfield.Members(strings.Split(s, "\n")))
		if slices.Contains(got, "") {
			t.Errorf("%q: %q", s, got)
		}
		if again := slices.Collect(httpfield.Members(got)); !strings.Contains(s, `"`) && !slices.Equal(again, got) {
			t.Errorf("%q: %q, then %q", s, got, again)
		}
	})
}

func FuzzParseDate(f *testing.F) {
	seeds(f, "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", "Sun, 06 Nov 1994 08:49:60 GMT")
	now := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, s string) {
		d, ok := httpfield.ParseDate(s, now)
		if !ok {
			return
		}
		if comma := strings.IndexByte(strings.TrimLeft(s, " \t"), ','); comma > 3 && d.After(now.AddDate(50, 0, 0)) {
			t.Errorf("%q: %v is more than 50 years ahead", s, d)
		}
		if again, ok := httpfield.ParseDate(d.Format("Mon, 02 Jan 2006 15:04:05 GMT"), now); !ok || !again.Equal(d) {
			t.Errorf("%q: %v, then %v", s, d, again)
		}
	})
}

func FuzzTags(f *testing.F) {
	seeds(f, `"a", W/"b"`, `"a\", "b"`)
	f.Fuzz(func(t *testing.T, s string) {
		for tag := range httpfield.Tags(strings.Split(s, "\n")) {
			if again, ok := httpfield.ParseTag(tag.String()); !ok || again != tag {
				t.Errorf("%q: %q, then %q", s, tag, again)
			}
		}
		httpfield.TagOf([]string{s})
	})
}

func FuzzAcceptable(f *testing.F) {
	seeds(f, "gzip;q=0.5, *;q=0", "identity;q=0")
	f.Fuzz(func(t *testing.T, s string) {
		lines := strings.Split(s, "\n")
		httpfield.Acceptable(s, lines)
		if !strings.Contains(s, `"`) && httpfield.Acceptable("gzip", append(lines, "gzip;q=0")) {
			t.Errorf("%q accepts what is refused", s)
		}
	})
}

func FuzzVary(f *testing.F) {
	seeds(f, "Accept, Foo", "*, a")
	f.Fuzz(func(t *testing.T, s string) {
		lines := strings.Split(s, "\n")
		names, star := httpfield.VaryNames(lines)
		if star != httpfield.VaryAny(lines) || !slices.IsSorted(names) {
			t.Errorf("%q: %q, %v", s, names, star)
		}
	})
}

func FuzzStructured(f *testing.F) {
	seeds(f, "a;b=1, (c d);e", `a="x", b=:aGk=:, c=@5, d=%"%c3%bc", e=1.5, f=?0`, "larder; hit; ttl=5")
	f.Fuzz(func(t *testing.T, s string) {
		lines := strings.Split(s, "\n")
		if v, err := httpfield.ParseItem(lines); err == nil {
			b, err := httpfield.AppendItem(nil, v)
			again, err2 := httpfield.ParseItem([]string{string(b)})
			if err != nil || err2 != nil || !reflect.DeepEqual(v, again) {
				t.Errorf("item %q: %#v, then %q: %#v (%v, %v)", s, v, b, again, err, err2)
			}
		}
		if v, err := httpfield.ParseList(lines); err == nil {
			b, err := httpfield.AppendList(nil, v)
			again, err2 := httpfield.ParseList([]string{string(b)})
			if err != nil || err2 != nil || !reflect.DeepEqual(v, again) {
				t.Errorf("list %q: %#v, then %q: %#v (%v, %v)", s, v, b, again, err, err2)
			}
		}
		if v, err := httpfield.ParseDictionary(lines); err == nil {
			b, err := httpfield.AppendDictionary(nil, v)
			again, err2 := httpfield.ParseDictionary([]string{string(b)})
			if err != nil || err2 != nil || !reflect.DeepEqual(v, again) {
				t.Errorf("dictionary %q: %#v, then %q: %#v (%v, %v)", s, v, b, again, err, err2)
			}
		}
	})
}
