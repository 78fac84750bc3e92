from django.db import migrations


def create_public_tenant(apps, schema_editor):
    tenant = apps.get_model("supertokens_django", "Tenant")
    tenant.objects.using(schema_editor.connection.alias).get_or_create(id="public")


class Migration(migrations.Migration):
    dependencies = [("supertokens_django", "0001_initial")]

    operations = [migrations.RunPython(create_public_tenant, migrations.RunPython.noop)]
