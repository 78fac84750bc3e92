from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("supertokens_django", "0003_userroles_usermetadata")]

    operations = [
        migrations.AddField(
            model_name="signingkey",
            name="retired_at",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="retired"),
        ),
        migrations.AddField(
            model_name="signingkey",
            name="accepted_until",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="accepted until"),
        ),
    ]
