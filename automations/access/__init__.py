"""Access: who may work in the desk, from the first invitation to the last token.

Provisioning, offboarding and reconciliation are plans that people confirm in Slack; the runs themselves are in
`automations.runs`. Leads ask and confirm; a second person is needed for administrators, above the brake, and for
offboarding. It never goes above mode `ask`, never deletes an account, never suspends an administrator in a batch, and
never touches the identity source or customers.
"""
