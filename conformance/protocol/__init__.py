"""The wire protocol itself: frames, headers, versions, tagged fields, whatever the API."""
