"""What the local workspace refuses or does as Slack, and which test shows it.

| as Slack | shown by |
|---|---|
| 50 blocks a message (attachments included), 100 a modal or Home tab; unique block_id and action_id | test_blocks |
| lengths of texts, labels, options, values, ids; types of texts; unknown keys and block types | test_blocks |
| 12,000 characters of markdown, one table, two charts, about 13,200 characters over the whole payload | test_blocks |
| alert and file_input in modals only; table, charts, containers and markdown in messages only | test_blocks |
| shapes of charts, data tables, containers and icon buttons | test_blocks |
| no_text, msg_too_long, channel_not_found, not_in_channel, is_archived, thread_not_found, metadata | api/test_chat |
| already_reacted, no_reaction, invalid_name; scopes and tokens; users_not_found; pages with cursors | api/ |
| files v2: an address works once, a picture is shown once it was shared and looked at | api/test_files |
| invalid, expired (3 s) and exchanged trigger_id; hash_conflict; three modals a person, a stack each | test_forms |
| response_url: 5 uses in 30 minutes | test_hooks |
| text inputs take addresses, numbers and dates; choices are counted; a client complains by itself | test_typed |
| one post a second in each channel, 429 with Retry-After | test_pace |
| acknowledgement within 3 s, else dispatch_failed | test_socket |
| events again (now, 1 min, 5 min) with number and reason | test_socket, test_signed |
| duplicates, another order, ten connections, a random one each, warning, refresh | test_socket |
| v0 signatures, X-Slack-No-Retry | test_signed |
| 429, 500, 503, reset, hang, latency, an answer lost, a word of Slack's, of one channel alone | test_faults |
| archived, deleted and private channels; a kicked app; a revoked token; a removed app; link_disabled | test_admin |
| people who left, guests, people of other organizations, shared channels, groups | test_sample |
| people edit and delete their messages, administrators delete any | test_control |
| only this machine, no other site's page | test_control |

`tests/slack_types` judges all that is sent by Slack's own types.
"""
