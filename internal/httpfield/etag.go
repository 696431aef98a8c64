package httpfield

import "iter"

// Tag is an entity tag (RFC 9110 §8.8.3). The zero Tag matches nothing.
type Tag struct {
	Opaque string // with its quotes
	Weak   bool
}

// ParseTag reads an entity tag. What is not quoted, or marked as weak by another sign than W/, is none.
func ParseTag(s string) (tag Tag, ok bool) {
	tag, rest, ok := cutTag(trim(s))
	if !ok || rest != "" {
		return Tag{}, false
	}
	return tag, true
}

// TagOf reads an ETag field. Several lines are none, because nobody knows which is meant, unless they are equal.
func TagOf(lines []string) (tag Tag, ok bool) {
	if len(lines) == 0 {
		return Tag{}, false
	}
	for _, l := range lines[1:] {
		if l != lines[0] {
			return Tag{}, false
		}
	}
	return ParseTag(lines[0])
}

// cutTag takes the entity tag off the beginning of s.
func cutTag(s string) (tag Tag, rest string, ok bool) {
	if len(s) >= 2 && s[0] == 'W' && s[1] == '/' {
		tag.Weak, s = true, s[2:]
	}
	if s == "" || s[0] != '"' {
		return Tag{}, s, false
	}
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			tag.Opaque = s[:i+1]
			return tag, s[i+1:], true
		case c <= ' ' || c == 0x7f:
			return Tag{}, s, false
		}
	}
	return Tag{}, s, false
}

// String is the tag as it stands in a field.
func (t Tag) String() string {
	if t.Weak {
		return "W/" + t.Opaque
	}
	return t.Opaque
}

// WeakMatch reports whether two tags name equivalent contents (RFC 9110 §8.8.3.2).
func (t Tag) WeakMatch(o Tag) bool { return t.Opaque != "" && t.Opaque == o.Opaque }

// StrongMatch reports whether two tags name the same bytes.
func (t Tag) StrongMatch(o Tag) bool { return t.WeakMatch(o) && !t.Weak && !o.Weak }

// Tags yields the tags of an If-None-Match or If-Match list over all lines, and stops reading a line where it is
// malformed. Commas inside a tag belong to it. The field value "*" is not a list: see IsAny.
func Tags(lines []string) iter.Seq[Tag] {
	return func(yield func(Tag) bool) {
		for _, rest := range lines {
			for {
				for rest != "" && (isSpace(rest[0]) || rest[0] == ',') {
					rest = rest[1:]
				}
				tag, after, ok := cutTag(rest)
				rest = trim(after)
				if !ok || rest != "" && rest[0] != ',' {
					break
				}
				if !yield(tag) {
					return
				}
			}
		}
	}
}

// IsAny reports whether a field is a lone "*".
func IsAny(lines []string) bool { return len(lines) == 1 && trim(lines[0]) == "*" }
