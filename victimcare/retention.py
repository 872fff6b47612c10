"""How long what is kept here, and what the fields are of what is no record. See docs/data-protection.md."""

from victimcare.field_register import SECRET, STAFF, Kept, Table
from victimcare.kinds import ADMINISTRATIVE

KEPT = {
    "victimcare.Organization": Kept.WORK,
    "victimcare.Team": Kept.WORK,
    "victimcare.Location": Kept.WORK,
    "victimcare.Membership": Kept.WORK,
    "victimcare.StateRegister": Kept.WORK,
    "victimcare.Invitation": Kept.WORK,
}
TABLES = {
    "victimcare.AccessEntry": Table(
        Kept.LOG,
        {
            STAFF: "by",
            ADMINISTRATIVE: "id at object_label object_id action member_state organization subject_key_id"
            " kinds rows",
        },
    ),
    "victimcare.Step": Table(
        Kept.LOG,
        {STAFF: "by", ADMINISTRATIVE: "id at object_label object_id verb source target reason"},
    ),
    "victimcare.ErasureEntry": Table(
        Kept.LOG,
        {
            STAFF: "asked_by_id approved_by_id",
            ADMINISTRATIVE: "id at organization_id subject_key_ids party_ids reason",
        },
    ),
    "victimcare.Seal": Table(
        Kept.LOG,
        {
            ADMINISTRATIVE: "id chain number version count entries digests previous hash signature key"
            " sealed_at"
        },
    ),
    "victimcare.UnsealedEntry": Table(Kept.PASSING, {ADMINISTRATIVE: "id entry_id chain"}),
    "victimcare.SealingKey": Table(
        Kept.KEY, {SECRET: "wrapped", ADMINISTRATIVE: "id public root_key_id created_at"}
    ),
    "victimcare.StateKey": Table(
        Kept.KEY, {SECRET: "wrapped", ADMINISTRATIVE: "id member_state version root_key_id created_at"}
    ),
    "victimcare.SubjectKey": Table(
        Kept.KEY,
        {
            SECRET: "wrapped",
            STAFF: "destroyed_by",
            ADMINISTRATIVE: "id organization state_key made_under version created_at destroyed_at",
        },
    ),
    "victimcare.OrganizationKey": Table(
        Kept.WORK, {ADMINISTRATIVE: "organization subject_key search_key search_key_before"}
    ),
    "victimcare.MemberState": Table(
        Kept.WORK,
        {
            ADMINISTRATIVE: "code names languages calling_code identity_document identity_number_module"
            " consent_days consent_days_maximum minimum_key_version"
        },
    ),
    "victimcare.User": Table(
        Kept.WORK,
        {
            STAFF: "username name email language last_login date_joined is_active is_staff is_superuser"
            " is_demonstration",
            SECRET: "password",
            ADMINISTRATIVE: "id",
        },
    ),
    "victimcare.Session": Table(
        Kept.PASSING,
        {
            SECRET: "session_key",
            STAFF: "session_data user started_at seen_at browser",
            ADMINISTRATIVE: "id expire_date",
        },
    ),
    "victimcare.Tries": Table(Kept.PASSING, {SECRET: "key", STAFF: "times"}),
    # Of the packages that the product rests on.
    "auth.Permission": Table(Kept.WORK, {ADMINISTRATIVE: "id name content_type codename"}),
    "auth.Group": Table(Kept.WORK, {ADMINISTRATIVE: "id name"}),
    "contenttypes.ContentType": Table(Kept.WORK, {ADMINISTRATIVE: "id app_label model"}),
    "sessions.Session": Table(
        Kept.PASSING, {SECRET: "session_key", STAFF: "session_data", ADMINISTRATIVE: "expire_date"}
    ),
    "guardian.UserObjectPermission": Table(
        Kept.PASSING, {ADMINISTRATIVE: "id permission content_type object_pk user"}
    ),
    "guardian.GroupObjectPermission": Table(
        Kept.PASSING, {ADMINISTRATIVE: "id permission content_type object_pk group"}
    ),
    "account.EmailAddress": Table(Kept.WORK, {STAFF: "user email verified primary", ADMINISTRATIVE: "id"}),
    "account.EmailConfirmation": Table(
        Kept.PASSING, {STAFF: "email_address created sent", SECRET: "key", ADMINISTRATIVE: "id"}
    ),
    "mfa.Authenticator": Table(
        Kept.PASSING, {STAFF: "user type created_at last_used_at", SECRET: "data", ADMINISTRATIVE: "id"}
    ),
    "django_tasks_database.DBTaskResult": Table(
        Kept.PASSING,
        {
            STAFF: "args_kwargs",
            ADMINISTRATIVE: "id status enqueued_at started_at finished_at priority task_path worker_ids"
            " queue_name backend_name run_after return_value exception_class_path traceback",
        },
    ),
}
LOG_EXPORT = "log export"
